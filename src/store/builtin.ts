/**
 * The store for documents, as `builtin:doozer`: in memory, new for each start, on a free port of the loopback interface.
 * What it gives is a server as `servers/server.ts` has it.
 */
import { memoryEngine } from "./memory.ts";
import { startStore } from "./server.ts";

interface RunningServer {
  readonly target: string;
  output(): string;
  stop(): Promise<void>;
}

export const doozerServer = {
  name: "doozer",
  async start(signal: AbortSignal): Promise<RunningServer> {
    signal.throwIfAborted();
    const { address, stop } = await startStore({ engine: memoryEngine(), host: "127.0.0.1", port: 0 });
    return { target: `doozer://${address}`, output: () => "", stop };
  },
};
