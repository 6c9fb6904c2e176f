/**
 * `npm run bench`: wiredoc beside its peers and its limits. What the rows mean stands in README.md.
 */
import { writeFileSync } from "node:fs";
import { bigReply, cramPings, differentReply, echoes, gets, hurlGets, LINES, pings, prose } from "./documents.js";
import { interleave, peakMemory, pin, time, which } from "./measure.js";
import { machine, milliseconds, spread, table, times, verdict } from "./report.js";
import { startNginx, startRedis } from "./servers.js";
import { checkSurroundings, here, isQuick, perform, progress, ROUNDS, WIREDOC } from "./stage.js";

const EXCHANGES = 10_000;
const BODY = "hello from nginx";
/** Peers that are so slow that they play fewer exchanges, seldom; their time is that of EXCHANGES all the same. */
const CRAM_EXCHANGES = 200;
/** What the raw client takes of hurl's time, measured where there was a hurl. */
const RAW_OF_HURL = 0.46;

checkSurroundings();
await perform(async (folder, servers) => {
  const contestants = await prepare(folder, servers);
  const started = performance.now();
  const facts = machine();
  const rounds = interleave(contestants, ROUNDS, progress);
  print(rounds, facts, (performance.now() - started) / 1000);
});

/** Servers, documents and peers; and what is to be measured of them. */
async function prepare(folder, servers) {
  const write = (name, text) => {
    writeFileSync(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const wall = (name, command, options = {}) => ({
    name,
    every: options.every,
    run: () => time(command, { cwd: folder, ...options }).ms,
  });
  const node = process.execPath;
  const wiredoc = (name, file, options) => wall(name, pin([node, WIREDOC, file]), options);
  const contestants = [];

  if (which("redis-server")) {
    const redis = await startRedis(folder, { big: bigReply });
    servers.push(redis);
    const document = (count) => write(`ping-${count}.md`, pings(redis.port, count));
    const all = document(EXCHANGES);
    contestants.push(wall("node -e 0", [node, "-e", "0"]), wall("start-up", [node, WIREDOC, document(1)]));
    if (which("cc")) {
      const client = `${folder}/client`;
      time(["cc", "-O2", "-o", client, here("peers/client.c")]);
      contestants.push(wall("C client", pin([client, redis.port, EXCHANGES].map(String))));
    }
    contestants.push(
      wall("raw TCP", pin([node, here("peers/raw-tcp.js"), redis.port, EXCHANGES].map(String))),
      wiredoc("TCP", all),
      wiredoc("TCP, all different", write("echo.md", echoes(redis.port, EXCHANGES))),
      wiredoc("TCP 1,000", document(1000)),
      wiredoc("TCP 100", document(100)),
      { name: "memory of node -e 0", run: () => peakMemory(["-e", "0"], folder) },
      { name: "memory", run: () => peakMemory([WIREDOC, all], folder) },
      wall("report", [node, WIREDOC, write("different.md", differentReply(redis.port))], { code: 1 }),
    );
    if (which("redis-benchmark"))
      contestants.push(
        wall(
          "redis-benchmark -c 1",
          pin(`redis-benchmark -p ${redis.port} -c 1 -n ${EXCHANGES} -q -t ping_inline`.split(" ")),
        ),
      );
    if (which("expect"))
      contestants.push(
        wall("expect", pin(["expect", here("peers/pings.exp"), String(redis.port), String(EXCHANGES)]), { every: 3 }),
      );
    if (which("cram3") && which("nc"))
      contestants.push(
        wall("cram and nc", pin(["cram3", write("pings.t", cramPings(redis.port, CRAM_EXCHANGES))]), { every: 3 }),
      );
  }

  if (which("nginx")) {
    const nginx = await startNginx(folder, BODY);
    servers.push(nginx);
    contestants.push(
      wall("raw socket", pin([node, here("peers/raw-http.js"), nginx.port, EXCHANGES, BODY].map(String))),
      wiredoc("HTTP", write("get.md", gets(nginx.port, EXCHANGES, BODY))),
      wiredoc(
        "HTTP, all different",
        write(
          "gets.md",
          gets(nginx.port, EXCHANGES, BODY, (i) => `/?${i}`),
        ),
      ),
    );
    if (which("hurl"))
      contestants.push(wall("hurl", pin(["hurl", "--test", write("get.hurl", hurlGets(nginx.port, EXCHANGES, BODY))])));
  }

  const text = prose(1e6);
  const file = write("prose.md", text);
  contestants.push({
    name: "parse",
    run: () => text.length / 1000 / Number(time([node, here("peers/parse.js"), file]).stdout),
  });
  return contestants;
}

function print(rounds, facts, seconds) {
  const ratio = (a, b, factor = 1) => spread(rounds, (round) => (round[a] / round[b]) * factor);
  const growth = spread(
    rounds,
    (round) => (round.TCP - round["TCP 1,000"]) / 9000 / ((round["TCP 1,000"] - round["TCP 100"]) / 900),
  );
  const hurl = ratio("HTTP", "hurl");
  const cramFactor = EXCHANGES / CRAM_EXCHANGES;
  const count = EXCHANGES.toLocaleString("en");
  const goals = [
    verdict({ name: "start-up, one exchange ÷ node -e 0", goal: 1.3, limit: 1.8 }, ratio("start-up", "node -e 0")),
    verdict({ name: `TCP, ${count} exchanges ÷ C client`, goal: 2.5, limit: 3 }, ratio("TCP", "C client")),
    hurl
      ? verdict({ name: `HTTP, ${count} GETs ÷ hurl`, goal: 0.7, limit: 1 }, hurl)
      : verdict(
          { name: `HTTP, ${count} GETs ÷ hurl, derived: ÷ raw socket × ${RAW_OF_HURL}`, goal: 0.7, limit: 1 },
          ratio("HTTP", "raw socket", RAW_OF_HURL),
        ),
    verdict({ name: "growth, slope 1,000→10,000 ÷ slope 100→1,000", goal: 1.2, limit: 1.5 }, growth),
    verdict(
      { name: `peak memory of ${count} exchanges ÷ node -e 0`, goal: 2.2, limit: 3 },
      ratio("memory", "memory of node -e 0"),
    ),
    verdict(
      { name: "parsing 1 MB of Markdown", unit: " MB/s", goal: 14, limit: 10, atLeast: true },
      spread(rounds, ({ parse }) => parse),
    ),
    verdict(
      { name: `report of ${LINES.toLocaleString("en")} different lines`, unit: " s", goal: 1 },
      spread(rounds, ({ report }) => report / 1000),
    ),
  ];
  const tcpPeers = [
    ["C client", 1],
    ["redis-benchmark -c 1", 1],
    ["raw TCP", 1, "raw socket on Node"],
    ["TCP", 1, "wiredoc"],
    ["TCP, all different", 1, "wiredoc, no two alike"],
    ["expect", 1],
    ["cram and nc", cramFactor, `cram and nc (${CRAM_EXCHANGES}, scaled)`],
  ];
  const httpPeers = [
    ["raw socket", 1, "raw socket on Node"],
    ["HTTP", 1, "wiredoc"],
    ["HTTP, all different", 1, "wiredoc, no two alike"],
    ["hurl", 1],
  ];
  const peers = (rows, base) =>
    rows
      .map(([key, factor, label = key]) => [
        label,
        spread(rounds, (round) => round[key] * factor),
        ratio(key, base, factor),
      ])
      .filter(([, wall]) => wall)
      .map(([label, wall, against]) => [label, milliseconds(wall), times(against)]);
  const absolute = ["node -e 0", "start-up"].map((name) => [
    name,
    milliseconds(spread(rounds, (round) => round[name])),
  ]);
  const memory = ["memory of node -e 0", "memory"].map((name) => [
    name,
    `${spread(rounds, (round) => round[name])?.middle.toFixed(0) ?? "-"} MiB`,
  ]);
  const parts = [
    facts,
    table(["", "measured", "quartiles", "goal", "never above", ""], goals),
    table([`TCP, ${count} exchanges`, "wall", "÷ C client"], peers(tcpPeers, "C client")),
    table([`HTTP, ${count} GETs`, "wall", "÷ raw socket"], peers(httpPeers, "raw socket")),
    table(["whole processes", ""], [...absolute, ...memory]),
    `medians of ${rounds.length} rounds, ${seconds.toFixed(0)} s${isQuick ? " (--quick: too few to quote)" : ""}`,
  ];
  process.stdout.write(`${parts.join("\n\n")}\n`);
}
