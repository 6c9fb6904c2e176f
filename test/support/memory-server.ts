import type { Connection, Receiver, Transport } from "../../src/transports/transport.ts";

/** What a server does by itself, one thing a turn of the event loop: `""` ends the connection, `null` breaks it. */
export type Reaction = readonly (Uint8Array | "" | null)[];

/** A server in memory, so that two runs against it are alike to the last turn of the event loop. */
export interface MemoryServer {
  readonly transport: Transport;
  /** What clients did, in order: `1>…` sent on the first connection, `1|` half-closed, `1x` closed, `1!` reset. */
  readonly log: readonly string[];
  /** Connections that no client has closed. */
  readonly open: number;
  /** Whether it does something in the next turn. */
  readonly isBusy: boolean;
}

/** Each piece that a client sends, but one like `unanswered`, has the next of the reactions, which begin anew after the last. */
export function memoryServer(reactions: readonly Reaction[], unanswered: RegExp): MemoryServer {
  const log: string[] = [];
  let accepted = 0;
  let answered = 0;
  let open = 0;
  let pumping = 0;
  const connect = (): Connection => {
    const number = ++accepted;
    open++;
    let receiver: Receiver | undefined;
    let paused = true;
    let over = false;
    let ended = false;
    let isPumping = false;
    const queue: Reaction[number][] = [];
    const turn = (): void => {
      isPumping = false;
      pumping--;
      if (over || ended || paused || !receiver) return;
      const next = queue.shift();
      if (next === undefined) return;
      if (next === null) {
        ended = true;
        receiver.closed(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
      } else if (next === "") {
        ended = true;
        receiver.closed(undefined);
      } else {
        // The buffer is the next read's too.
        const chunk = Uint8Array.from(next);
        receiver.data(chunk);
        chunk.fill(0);
      }
      pump();
    };
    const pump = (): void => {
      if (isPumping || queue.length === 0) return;
      isPumping = true;
      pumping++;
      setImmediate(turn);
    };
    const hangUp = (mark: string): void => {
      if (!over) {
        log.push(`${number}${mark}`);
        open--;
      }
      over = true;
    };
    return {
      send(bytes) {
        const text = Buffer.from(bytes).toString("latin1");
        log.push(`${number}>${text}`);
        if (!unanswered.test(text)) queue.push(...(reactions[answered++ % reactions.length] ?? []));
        pump();
        return undefined;
      },
      receive(one) {
        receiver = one;
        paused = false;
        pump();
      },
      pause() {
        paused = true;
      },
      resume() {
        paused = false;
        pump();
      },
      halfClose() {
        log.push(`${number}|`);
        queue.push("");
        pump();
      },
      close: () => hangUp("x"),
      reset: () => hangUp("!"),
    };
  };
  return {
    transport: { schemes: ["tcp", "http"], connect: async () => connect() },
    log,
    get open() {
      return open;
    },
    get isBusy() {
      return pumping > 0;
    },
  };
}
