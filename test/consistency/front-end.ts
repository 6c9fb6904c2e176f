import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isRunning, running } from "../support/real-servers.ts";

const COMMAND = fileURLToPath(new URL("../../bin/wiredoc.js", import.meta.url));

/** `wiredoc store` on etcd, a process of its own. */
export interface FrontEnd {
  readonly port: number;
  /** Ends it as a power failure would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again after it was killed, on its port. */
  restart(): Promise<void>;
}

export async function startFrontEnd(port: number, endpoints: readonly string[]): Promise<FrontEnd> {
  const listen = ["--listen", `127.0.0.1:${port}`];
  // As many revisions as a run has: who watches from the first one comes late.
  const etcd = ["--engine", "etcd", "--history", "1000000", ...endpoints.flatMap((url) => ["--etcd", url])];
  const start = () => startProcess([COMMAND, "store", ...listen, ...etcd]);
  let child = await start();
  return {
    port,
    async kill() {
      if (!isRunning(child)) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      running.delete(child);
    },
    async restart() {
      child = await start();
    },
  };
}

/** Resolves when it says that it listens. */
async function startProcess(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith("listening on ")) return child;
  }
  throw new Error(`the store did not start:\n${errors}`);
}
