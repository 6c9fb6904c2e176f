/**
 * `npm run bench:store`: the coordination store beside redis-server and, where it is installed, etcd's own gateway. What
 * the rows mean stands in README.md.
 */
import { interleave, pin, time, which } from "./measure.js";
import { machine, spread, table, verdict } from "./report.js";
import { startEtcd, startRedis, startStore } from "./servers.js";
import { checkSurroundings, here, isQuick, perform, progress, ROUNDS, WIREDOC } from "./stage.js";

const REQUESTS = 20_000;
/** Of what has to reach a disk. */
const DURABLE_REQUESTS = 1000;
const WAKES = 5000;
const VALUE = "hello";

checkSurroundings(["cc", "redis-server"]);
await perform(async (folder, servers) => {
  const contestants = await prepare(folder, servers);
  const facts = machine();
  print(interleave(contestants, ROUNDS, progress), contestants, facts);
});

/** A protobuf message with its length, in hexadecimal. */
function frame(...fields) {
  const body = Buffer.concat(fields.map((field) => Buffer.from(field)));
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]).toString("hex");
}

function resp(...words) {
  const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join("")}`).toString("hex");
}

function gatewayRequest(path, body) {
  const json = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  return Buffer.from(`${head}Content-Length: ${json.length}\r\n\r\n${json}`).toString("hex");
}

async function prepare(folder, servers) {
  const compile = (name) => {
    time(["cc", "-O2", "-o", `${folder}/${name}`, here(`peers/${name}.c`)]);
    return `${folder}/${name}`;
  };
  const [requests, wakes] = [compile("requests"), compile("wakes")];
  const measure = (name, count, command) => ({
    name,
    run() {
      const [seconds, p50, p99, p999] = String(time(pin(command.map(String))).stdout)
        .split(" ")
        .map(Number);
      return { rate: count / seconds, p50, p99, p999 };
    },
  });
  const request = (name, { port }, form, bytes, count = REQUESTS) =>
    measure(name, count, [requests, port, count, form, bytes]);
  const wake = (name, { port }, count = WAKES) => measure(name, count, [wakes, port, count]);
  const keep = (server) => {
    servers.push(server);
    return server;
  };

  const tag = [0x08, 1];
  const path = [0x22, 2, ...Buffer.from("/a")];
  const value = [0x2a, VALUE.length, ...Buffer.from(VALUE)];
  const clobber = [0x48, ...Array(9).fill(0xff), 1];
  const set = frame(tag, [0x10, 2], path, value, clobber);
  const get = frame(tag, [0x10, 1], path);

  const redis = keep(await startRedis(folder, { a: VALUE }));
  const memory = keep(await startStore([WIREDOC, "store", "--engine", "memory"], folder));
  const contestants = [
    request("redis-server SET", redis, 5, resp("SET", "a", VALUE)),
    request("store SET, memory", memory, "frame", set),
    request("redis-server GET", redis, 11, resp("GET", "a")),
    request("store GET, memory", memory, "frame", get),
    wake("store WAIT, memory", memory),
  ];
  if (which("redis-benchmark"))
    for (const verb of ["SET", "GET"])
      contestants.push(redisBenchmark(`redis-benchmark ${verb}`, redis, verb, REQUESTS));

  const hasEtcd = String(time([process.execPath, WIREDOC, "store", "--help"]).stdout).includes("--etcd");
  if (!which("etcd") || !hasEtcd) return contestants;
  const etcd = keep(await startEtcd(folder));
  const front = keep(
    await startStore([WIREDOC, "store", "--engine", "etcd", "--etcd", `http://127.0.0.1:${etcd.port}`], folder),
  );
  const base64 = (text) => Buffer.from(text).toString("base64");
  const put = gatewayRequest("/v3/kv/put", { key: base64("gateway"), value: base64(VALUE) });
  const range = gatewayRequest("/v3/kv/range", { key: base64("gateway") });
  const { encodeRange, encodeTransaction } = await import("../dist/store/etcd-messages.js");
  const { setting } = await import("../dist/store/etcd-writes.js");
  // What the SET is to etcd: nothing may be below the path. Where that fails the reason is written down.
  const transaction = setting("/a", Buffer.from(VALUE), -1).transaction;
  const sameByGateway = gatewayRequest("/v3/kv/txn", {
    compare: [{ key: base64("/a/"), range_end: base64("/a0"), target: "VERSION", version: "0" }],
    success: [{ request_put: { key: base64("/a"), value: base64(VALUE) } }],
    failure: [{ request_put: { key: base64("/ctl/err"), value: base64("is a directory") } }],
  });
  const call = (name, method, message) =>
    measure(name, DURABLE_REQUESTS, [
      process.execPath,
      here("peers/grpc.js"),
      etcd.port,
      DURABLE_REQUESTS,
      method,
      message,
    ]);
  const hex = (message) => Buffer.from(message).toString("hex");
  contestants.push(
    request("etcd's gateway, put", etcd, "http", put, DURABLE_REQUESTS),
    request("etcd's gateway, transaction", etcd, "http", sameByGateway, DURABLE_REQUESTS),
    call("gRPC's client, transaction", "KV/Txn", hex(encodeTransaction(transaction))),
    request("store SET, etcd", front, "frame", set, DURABLE_REQUESTS),
    request("etcd's gateway, range", etcd, "http", range, DURABLE_REQUESTS),
    call("gRPC's client, range", "KV/Range", hex(encodeRange({ key: "/a", end: "/a0", limit: 1 }))),
    request("store GET, etcd", front, "frame", get, DURABLE_REQUESTS),
    wake("store WAIT, etcd", front, DURABLE_REQUESTS),
  );
  return contestants;
}

/** One connection that sends one request after the other. */
function redisBenchmark(name, { port }, verb, count) {
  const command = `redis-benchmark -p ${port} -c 1 -n ${count} -t ${verb.toLowerCase()} --csv`.split(" ");
  return {
    name,
    run() {
      // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
      const line = String(time(pin(command)).stdout)
        .trim()
        .split("\n")
        .at(-1);
      const [rate, , , p50, , p99] = line
        .split(",")
        .slice(1)
        .map((text) => Number(text.replaceAll('"', "")));
      return { rate, p50: p50 * 1000, p99: p99 * 1000, p999: Number.NaN };
    },
  };
}

function print(rounds, contestants, facts) {
  const of = (name, key) => spread(rounds, (round) => round[name]?.[key]);
  const ratio = (a, b) => spread(rounds, (round) => round[a]?.rate / round[b]?.rate);
  const whole = (measured) => (measured ? measured.middle.toFixed(0) : "");
  const tenths = (measured) => (measured ? measured.middle.toFixed(1) : "");
  const goal = (a, b, least) => verdict({ name: `${a} ÷ ${b}`, goal: least, atLeast: true }, ratio(a, b));
  const goals = [
    goal("store SET, memory", "redis-server SET", 0.5),
    goal("store GET, memory", "redis-server GET", 0.5),
    goal("store SET, etcd", "etcd's gateway, put", 0.8),
    goal("store SET, etcd", "etcd's gateway, transaction", 0.8),
    goal("store SET, etcd", "gRPC's client, transaction", 0.8),
    goal("store GET, etcd", "etcd's gateway, range", 0.8),
    goal("store GET, etcd", "gRPC's client, range", 0.8),
  ];
  const rows = contestants.map(({ name }) => [
    name,
    whole(of(name, "rate")),
    tenths(of(name, "p50")),
    tenths(of(name, "p99")),
    tenths(of(name, "p999")),
  ]);
  const parts = [
    facts,
    table(["", "measured", "quartiles", "goal", "", ""], goals),
    table(["one after another", "a second", "p50 µs", "p99 µs", "p99.9 µs"], rows),
    `medians of ${rounds.length} rounds${isQuick ? " (--quick: too few to quote)" : ""}`,
  ];
  process.stdout.write(`${parts.join("\n\n")}\n`);
}
