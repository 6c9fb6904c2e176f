/** What is measured: servers, documents, peers, and how each of them is run. */
import { mkdirSync, writeFileSync } from "node:fs";
import {
  bigReply,
  cramPings,
  differentReply,
  echoes,
  gets,
  getsWithHeaders,
  hurlGets,
  hurlGetsWithHeaders,
  pings,
  prose,
} from "./documents.js";
import { peakMemory, pin, time, which } from "./measure.js";
import { startHalfOpen, startNginx, startRedis } from "./servers.js";
import { here, WIREDOC } from "./stage.js";

export const EXCHANGES = 10_000;
const BODY = "hello from nginx";
/** Peers that are so slow that they play fewer exchanges; their time is that of EXCHANGES all the same. */
export const CRAM_EXCHANGES = 200;
export const HALF_OPEN_DOCUMENTS = 250;

/** Those that take part in every third round: to read the goals by, or slow and steady. */
const SELDOM = { every: 3 };
const node = process.execPath;

/** @param nodes further ones (nodes.js). @returns the contestants of all rows whose servers and peers are installed; those are put into `servers`. */
export async function prepare(folder, servers, nodes) {
  const write = (name, text) => {
    writeFileSync(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const wall = (name, command, options = {}) => ({
    name,
    every: options.every,
    run: () => time(command, { cwd: folder, ...options }).ms,
  });
  const wiredoc = (name, file, options) => wall(name, pin([node, WIREDOC, file]), options);
  /** In turn, and with requests sent ahead. */
  const pipelined = (name, file) => [
    wiredoc(`${name}, in turn`, file),
    wall(`${name}, sent ahead`, pin([node, WIREDOC, "--pipeline=100", file])),
  ];
  const memory = (name, args, options) => ({ name, ...options, run: () => peakMemory(args, folder) });
  const bench = { folder, write, wall, wiredoc, pipelined, memory };

  const contestants = [wall("node -e 0", [node, "-e", "0"]), memory("memory: node -e 0", ["-e", "0"], SELDOM)];
  if (which("redis-server")) {
    const redis = await startRedis(folder, { big: bigReply });
    servers.push(redis);
    contestants.push(...tcp(bench, redis.port, nodes));
  }
  if (which("nginx")) {
    const nginx = await startNginx(folder, BODY);
    servers.push(nginx);
    contestants.push(...http(bench, nginx.port));
  }
  const halfOpen = await startHalfOpen(folder);
  servers.push(halfOpen);
  contestants.push(...documents(bench, halfOpen.port));
  return contestants;
}

function tcp({ folder, write, wall, wiredoc, pipelined, memory }, port, nodes) {
  const document = (count, perExample) =>
    write(`echo-${count}-${perExample ?? ""}.md`, echoes(port, count, perExample));
  const one = document(1);
  const all = document(EXCHANGES);
  const contestants = [
    wall("start-up: TCP", [node, WIREDOC, one]),
    ...nodes.flatMap(({ path, name }) => [
      wall(`${name}: node -e 0`, [path, "-e", "0"]),
      wall(`${name}: start-up`, [path, WIREDOC, one]),
    ]),
    wall("TCP: raw socket", pin([node, here("peers/raw-tcp.js"), port, EXCHANGES, "echo"].map(String))),
    wiredoc("TCP", all),
    wiredoc("TCP, 1,000", document(1000)),
    wiredoc("TCP, 100", document(100)),
    wiredoc("TCP, one an example", document(EXCHANGES, 1)),
    ...pipelined("TCP", document(EXCHANGES, 1000)),
    wiredoc("TCP, all alike", write("ping.md", pings(port, EXCHANGES)), SELDOM),
    memory("memory: TCP", [WIREDOC, all], SELDOM),
    wall("report", [node, WIREDOC, write("different.md", differentReply(port))], { code: 1, ...SELDOM }),
  ];
  if (which("cc")) {
    const client = `${folder}/client`;
    time(["cc", "-O2", "-o", client, here("peers/client.c")]);
    const run = (what) => pin([client, port, EXCHANGES, what].map(String));
    contestants.push(wall("TCP: C client", run("echo")), wall("TCP: C client, all alike", run("ping"), SELDOM));
  }
  if (which("redis-benchmark"))
    contestants.push(
      wall(
        "redis-benchmark -c 1",
        pin(`redis-benchmark -p ${port} -c 1 -n ${EXCHANGES} -q -t ping_inline`.split(" ")),
        SELDOM,
      ),
    );
  if (which("expect"))
    contestants.push(wall("expect", pin(["expect", here("peers/pings.exp"), port, EXCHANGES].map(String)), SELDOM));
  if (which("cram3") && which("nc"))
    contestants.push(wall("cram and nc", pin(["cram3", write("pings.t", cramPings(port, CRAM_EXCHANGES))]), SELDOM));
  return contestants;
}

function http({ write, wall, wiredoc, pipelined, memory }, port) {
  const raw = (what) => pin([node, here("peers/raw-http.js"), port, EXCHANGES, BODY, what].map(String));
  const one = write("get.md", gets(port, 1, BODY));
  const all = write("gets.md", gets(port, EXCHANGES, BODY));
  const alike = write(
    "alike.md",
    gets(port, EXCHANGES, BODY, () => "/"),
  );
  const contestants = [
    wall("start-up: GET", [node, WIREDOC, one]),
    memory("memory: one GET", [WIREDOC, one], SELDOM),
    wall("GET: raw socket", raw("different")),
    wall("headers: raw socket", raw("header")),
    wiredoc("GET", all),
    ...pipelined("GET", write("gets-1000.md", gets(port, EXCHANGES, BODY, undefined, 1000))),
    wiredoc("headers", write("headers.md", getsWithHeaders(port, EXCHANGES))),
    wall("GET: raw socket, all alike", raw("alike"), SELDOM),
    wiredoc("GET, all alike", alike, SELDOM),
    memory("memory: GET", [WIREDOC, all], SELDOM),
  ];
  if (which("hurl"))
    contestants.push(
      wall("GET: hurl", pin(["hurl", "--test", write("get.hurl", hurlGets(port, EXCHANGES, BODY))])),
      wall("headers: hurl", pin(["hurl", "--test", write("headers.hurl", hurlGetsWithHeaders(port, EXCHANGES))])),
    );
  return contestants;
}

function documents({ folder, write, wall }, port) {
  mkdirSync(`${folder}/many`);
  for (let i = 0; i < HALF_OPEN_DOCUMENTS; i++) write(`many/${i}.md`, pings(port, 1));
  const text = prose(1e6);
  const file = write("prose.md", text);
  return [
    wall("documents", [node, WIREDOC, `${folder}/many`], SELDOM),
    { name: "parse", run: () => text.length / 1000 / Number(time([node, here("peers/parse.js"), file]).stdout) },
  ];
}
