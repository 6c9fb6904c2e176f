import { Lost, Refused } from "../support/doozer-client.ts";
import type { History, Hold, Operation, Outcome, Request, Sighting, Watch } from "./history.ts";
import type { Session } from "./session.ts";

/** Writes down what clients ask, are told and see. */
export class Recorder {
  readonly #operations: Operation[] = [];
  readonly #watches: Watch[] = [];
  readonly #holds: Hold[] = [];
  #time = 0;
  /** Of the unknown outcomes, those that the server told, instead of ending the connection. */
  toldUnknown = 0;
  /** Writes that were answered with success. */
  written = 0;

  tick(): number {
    return ++this.#time;
  }

  /** What has no outcome yet counts as unknown. */
  begin(client: string, path: string, request: Request): (outcome: Outcome) => void {
    const operation: Operation = {
      ...{ client, path, request, call: this.tick() },
      ...{ end: Number.POSITIVE_INFINITY, outcome: { kind: "unknown" } },
    };
    const index = this.#operations.push(operation) - 1;
    return (outcome) => {
      if (outcome.kind === "written") this.written++;
      const end = outcome.kind === "unknown" ? Number.POSITIVE_INFINITY : this.tick();
      this.#operations[index] = { ...operation, end, outcome };
    };
  }

  watch(client: string, glob: string, from: number): Sighting[] {
    const sightings: Sighting[] = [];
    this.#watches.push({ client, glob, from, sightings });
    return sightings;
  }

  /** @returns what to call before the lock is given back. */
  hold(client: string, path: string, revision: number): () => void {
    const hold = { client, path, revision, from: this.tick(), until: Number.POSITIVE_INFINITY };
    this.#holds.push(hold);
    return () => {
      hold.until = this.tick();
    };
  }

  /** Reads without an answer are left out: they tell nothing. */
  history(): History {
    const tells = ({ request, outcome }: Operation) =>
      outcome.kind !== "unknown" || (request.kind !== "get" && request.kind !== "rev");
    return { operations: this.#operations.filter(tells), watches: this.#watches, holds: this.#holds };
  }
}

export type Written =
  | { readonly kind: "written"; readonly revision: number }
  | { readonly kind: "mismatch" }
  | { readonly kind: "failed" }
  | { readonly kind: "unknown" };

/** How the server says that a write may have been carried out; one that failed otherwise was not. */
const UNKNOWN = /may have been/;

/** A client all of whose requests are written down. */
export class RecordedClient {
  readonly name: string;
  readonly recorder: Recorder;
  readonly #session: Session;
  #count = 0;

  constructor(name: string, session: Session, recorder: Recorder) {
    this.name = name;
    this.recorder = recorder;
    this.#session = session;
  }

  /** A text that nobody else writes, and this client only once. */
  unique(): string {
    return `${this.name}.${++this.#count}`;
  }

  async rev(): Promise<number> {
    return this.#repeat(async () => {
      const end = this.recorder.begin(this.name, "", { kind: "rev" });
      const { rev } = await this.#session.ask({ verb: "REV" });
      end({ kind: "revision", revision: rev });
      return rev;
    });
  }

  async get(path: string): Promise<{ readonly revision: number; readonly value: string }> {
    return this.#repeat(async () => {
      const end = this.recorder.begin(this.name, path, { kind: "get" });
      const { rev, value } = await this.#session.ask({ verb: "GET", path });
      const found = { revision: rev, value: Buffer.from(value).toString() };
      end({ kind: "read", ...found });
      return found;
    });
  }

  set(path: string, value: string, revision: number): Promise<Written> {
    return this.#write(path, { kind: "set", revision, value });
  }

  /** The revision of a removal is not told: it is 0 here. */
  del(path: string, revision: number): Promise<Written> {
    return this.#write(path, { kind: "del", revision });
  }

  /** The first change that a glob matches at a revision or after it. */
  async wait(glob: string, from: number): Promise<Sighting> {
    return this.#repeat(async () => {
      const { flags, rev, path, value } = await this.#session.ask({ verb: "WAIT", path: glob, rev: from });
      const kind = flags === 8 ? "del" : "set";
      return { kind, path, revision: rev, value: Buffer.from(value).toString(), at: this.recorder.tick() };
    });
  }

  close(): void {
    this.#session.close();
  }

  async #write(path: string, request: Request & { readonly kind: "set" | "del" }): Promise<Written> {
    const end = this.recorder.begin(this.name, path, request);
    const { kind, revision } = request;
    try {
      const { rev } =
        kind === "set"
          ? await this.#session.ask({ verb: "SET", path, rev: revision, value: Buffer.from(request.value) })
          : await this.#session.ask({ verb: "DEL", path, rev: revision });
      end({ kind: "written", ...(kind === "set" ? { revision: rev } : {}) });
      return { kind: "written", revision: rev };
    } catch (error) {
      const outcome = this.#outcomeOf(error);
      end(outcome);
      return outcome;
    }
  }

  #outcomeOf(error: unknown): { readonly kind: "mismatch" | "failed" | "unknown" } {
    if (error instanceof Lost) return { kind: "unknown" };
    if (!(error instanceof Refused)) throw error;
    if (error.code === "REV_MISMATCH") return { kind: "mismatch" };
    if (error.code !== "OTHER") throw error;
    if (!UNKNOWN.test(error.detail)) return { kind: "failed" };
    this.recorder.toldUnknown++;
    return { kind: "unknown" };
  }

  /** What only reads may be asked again. */
  async #repeat<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Lost || (error instanceof Refused && error.code === "OTHER"))) throw error;
      }
    }
  }
}
