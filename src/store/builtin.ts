/**
 * The store for documents, as `builtin:doozer`: in memory, new for each start, on a free port of the loopback interface.
 * What it gives is a server as `servers/server.ts` has it. `builtin:doozer-secrets` has the secrets `rw` and, for those
 * who only read, `ro`; `builtin:doozer-history` keeps ten revisions.
 */
import type { Secrets } from "./access.ts";
import { memoryEngine } from "./memory.ts";
import { startStore } from "./server.ts";

interface RunningServer {
  readonly target: string;
  output(): string;
  stop(): Promise<void>;
}

interface Server {
  readonly name: string;
  start(signal: AbortSignal): Promise<RunningServer>;
}

interface Kind extends Partial<Secrets> {
  readonly history?: number;
}

const serverOf = (name: string, { history, ...secrets }: Kind): Server => ({
  name,
  async start(signal) {
    signal.throwIfAborted();
    const engine = memoryEngine(history === undefined ? {} : { history });
    const { address, stop } = await startStore({ engine, host: "127.0.0.1", port: 0, ...secrets });
    return { target: `doozer://${address}`, output: () => "", stop };
  },
});

export const doozerServer: Server = serverOf("doozer", {});
export const secretServer: Server = serverOf("doozer-secrets", { secret: "rw", readOnlySecret: "ro" });
export const forgetfulServer: Server = serverOf("doozer-history", { history: 10 });
