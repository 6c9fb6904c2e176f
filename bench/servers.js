/** The servers that are talked to: on free loopback ports, on the core that the clients are on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pin } from "./measure.js";
import { here } from "./stage.js";

const READY_WITHIN_MS = 10_000;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function start(command, port, cwd) {
  const [file, ...args] = pin(command);
  const child = spawn(file, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  exited.catch(() => {});
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  try {
    const until = Date.now() + READY_WITHIN_MS;
    while (!(await listens(port))) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`${command[0]} did not start: ${said}`);
      await sleep(20);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

/** A Redis that keeps nothing on disk; `values` are put in. */
export async function startRedis(folder, values) {
  const port = await freePort();
  const command = `redis-server --bind 127.0.0.1 --port ${port} --save --appendonly no --daemonize no --dir ${folder}`;
  const args = command.split(" ");
  args.splice(args.indexOf("--save") + 1, 0, "");
  const redis = await start(args, port, folder);
  const socket = connect({ host: "127.0.0.1", port });
  for (const [key, value] of Object.entries(values)) {
    const parts = ["SET", key, value].map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    socket.write(`*3\r\n${parts.join("")}`);
    await once(socket, "data");
  }
  socket.destroy();
  return redis;
}

/** An nginx that answers every GET with `body`, on connections that it keeps. */
export async function startNginx(folder, body) {
  const port = await freePort();
  const prefix = `${folder}/nginx`;
  mkdirSync(prefix);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${prefix}/${name};`,
  );
  writeFileSync(
    `${prefix}/nginx.conf`,
    `daemon off; master_process off; pid ${prefix}/nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off; ${temporary.join(" ")}
  keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on;
  server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "${body}"; } }
}
`,
  );
  return start(["nginx", "-p", prefix, "-c", `${prefix}/nginx.conf`, "-e", "stderr"], port, folder);
}

/** A server that keeps its half of a connection open for ever. */
export async function startHalfOpen(folder) {
  const port = await freePort();
  return start([process.execPath, here("peers/half-open.js"), String(port)], port, folder);
}

/** The coordination store; `command` is what starts it, but for the address. */
export async function startStore(command, folder) {
  const port = await freePort();
  return start([process.execPath, ...command, "--listen", `127.0.0.1:${port}`], port, folder);
}

/** One etcd with its data in the folder. */
export async function startEtcd(folder) {
  const [port, peers] = [await freePort(), await freePort()];
  const [client, peer] = [port, peers].map((one) => `http://127.0.0.1:${one}`);
  const addresses = ["--listen-client-urls", client, "--advertise-client-urls", client];
  const peerAddresses = ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer];
  const cluster = ["--name", "bench", "--initial-cluster", `bench=${peer}`];
  const data = ["--data-dir", `${folder}/etcd`, "--log-level", "error"];
  const etcd = await start(["etcd", ...data, ...cluster, ...addresses, ...peerAddresses], port, folder);
  const until = Date.now() + READY_WITHIN_MS;
  // It listens before it has elected itself.
  while (!(await (await fetch(`${client}/health`)).text()).includes('"true"')) {
    if (Date.now() > until) throw new Error("etcd has no leader");
    await sleep(50);
  }
  return etcd;
}
