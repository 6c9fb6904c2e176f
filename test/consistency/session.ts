import { setTimeout as delay } from "node:timers/promises";
import { DoozerClient, type DoozerReply, type DoozerRequest, Unreachable } from "../support/doozer-client.ts";

/** Requests of one client, one at a time. */
export interface Session {
  /** @throws {Refused} {@link Lost}, and the reason of the run's signal when that is over. */
  ask(request: DoozerRequest): Promise<DoozerReply>;
  close(): void;
}

/** How long a front end may take to answer what does not wait, in milliseconds. */
const PATIENCE = 5000;

/**
 * A client of several front ends: it stays with one while that answers, and goes on to the next when it is lost. What
 * was sent is never sent again here; what could not be sent is.
 */
export function connectedSession(ports: readonly number[], first: number, signal: AbortSignal): Session {
  let turn = first;
  let client: DoozerClient | undefined;
  const stop = () => client?.close();
  signal.addEventListener("abort", stop);
  return {
    async ask(request) {
      for (;;) {
        signal.throwIfAborted();
        try {
          if (!client?.isOpen) client = await DoozerClient.connect(ports[turn++ % ports.length]!);
          return await client.request(request, request.verb === "WAIT" ? undefined : PATIENCE);
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof Unreachable)) throw error;
          await delay(20, undefined, { signal });
        }
      }
    },
    close() {
      signal.removeEventListener("abort", stop);
      stop();
    },
  };
}
