/**
 * All changes from now on, over one watch that every WAIT of this front end shares: thousands of them cost a watch no
 * more than one does. The last changes are kept, as who waits mostly asks for the revision after the last one it saw;
 * what lies before them etcd tells again, and it is kept for a while.
 *
 * A watch that breaks goes on with the revision after the last one told, so none is lost and none told twice.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Change, EngineError, type Refusal } from "../engine.ts";
import type { Glob } from "../glob.ts";
import { type Waiter, Waiters } from "../waiters.ts";
import type { EtcdClient } from "./client.ts";
import { CallError, EtcdRefusal } from "./errors.ts";
import { Past } from "./past.ts";
import { Turns } from "./turns.ts";
import { watch } from "./watch.ts";
import { ChangeWindow } from "./window.ts";

/** How many look at the past at a time. */
const REPLAYS = 16;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

export class Feed {
  readonly #client: EtcdClient;
  readonly #waiters = new Waiters();
  /** How each waiter is told that what it waits for cannot come. */
  readonly #pending = new Map<Waiter, (refusal: Refusal | Error) => void>();
  readonly #closing = new AbortController();
  readonly #replays = new Turns(REPLAYS);
  readonly #past = new Past();
  #window = new ChangeWindow(0);
  /** The revision that comes next; 0: not known yet. */
  #next = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(client: EtcdClient) {
    this.#client = client;
  }

  /** Resolves when the watch stands. @throws {EngineError} */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#run(resolve).catch(reject);
    });
  }

  /** The last revision told. */
  get revision(): number {
    return this.#next - 1;
  }

  /** Whether every change from a revision on is still to come. */
  isAhead(revision: number): boolean {
    return revision >= this.#next;
  }

  /** The first change from a revision on, 2 or later, that a glob matches. @throws the signal's reason */
  async wait(glob: Glob, from: number, signal: AbortSignal): Promise<Change | Refusal> {
    for (let position = from; ; ) {
      signal.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      if (this.isAhead(position)) return this.#await(glob, position, signal);
      const read = this.#window.covers(position) ? this.#window : this.#past.at(position);
      if (read !== undefined) {
        const change = read.find(glob, position);
        if (change !== undefined) return change;
        position = read.next;
        continue;
      }
      const release = await this.#replays.take(signal);
      try {
        // Others may have read it meanwhile.
        if (this.#past.at(position) !== undefined) continue;
        const found = await this.#replay(glob, position, signal);
        if (typeof found !== "number") return found;
        position = found;
      } finally {
        release();
      }
    }
  }

  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    this.#refuse(() => true, reason);
    await this.#running;
  }

  #await(glob: Glob, from: number, signal: AbortSignal): Promise<Change | Refusal> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener("abort", abort);
        this.#pending.delete(waiter);
      };
      const waiter: Waiter = {
        glob,
        from,
        wake: (change) => {
          leave();
          resolve(change);
        },
      };
      const abort = (): void => {
        leave();
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
      this.#pending.set(waiter, (refusal) => {
        leave();
        this.#waiters.delete(waiter);
        if (refusal instanceof Error) reject(refusal);
        else resolve(refusal);
      });
    });
  }

  /** Looks at what is over: the change, why there is none, or the revision to go on from. */
  async #replay(glob: Glob, from: number, signal: AbortSignal): Promise<Change | Refusal | number> {
    const upTo = this.#next;
    let position = from;
    let start = from;
    let found: Change | Refusal | undefined;
    const part = this.#past.begin(from);
    const take = (changes: readonly Change[]): boolean => {
      // Where the first revision has no change, it was a deletion that is compacted away.
      if (position === start && changes[0]!.revision > start) found = "TOO_LATE";
      else found = changes.find(({ path }) => glob.matches(path));
      if (found !== "TOO_LATE") for (const change of changes) part.push(change);
      position = changes.at(-1)!.revision + 1;
      return found !== undefined || position >= upTo;
    };
    for (const giveUp = Date.now() + this.#client.timeout; ; ) {
      try {
        start = position;
        const end = await watch({ client: this.#client, from: start, take, signal });
        if (end.kind === "compacted") return "TOO_LATE";
        if (found !== "TOO_LATE") this.#past.keep(part);
        return found ?? position;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (Date.now() > giveUp) throw new EngineError(`etcd: ${error.told}`, false, { cause: error });
        await delay(FIRST_PAUSE);
      }
    }
  }

  async #run(opened: () => void): Promise<void> {
    const { signal } = this.#closing;
    let pause = FIRST_PAUSE;
    const created = (revision: number): void => {
      pause = FIRST_PAUSE;
      if (this.#next === 0) {
        this.#next = revision + 1;
        this.#window = new ChangeWindow(this.#next);
      }
      opened();
    };
    const take = (changes: readonly Change[]): boolean => {
      const first = changes[0]!.revision;
      if (first > this.#next) this.#skipTo(first - 1);
      for (const change of changes) this.#window.push(change);
      this.#next = changes.at(-1)!.revision + 1;
      for (const change of changes) this.#waiters.tell(change);
      return false;
    };
    const giveUp = Date.now() + this.#client.timeout;
    while (!signal.aborted) {
      try {
        const end = await watch({ client: this.#client, from: this.#next, created, take, signal });
        if (end.kind === "compacted") this.#skipTo(end.revision);
      } catch (error) {
        if (signal.aborted) return;
        const isOver = error instanceof EtcdRefusal || Date.now() > giveUp;
        if (this.#next === 0 && isOver) throw opening(error);
      }
      await delay(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }

  /** What came up to this revision was compacted while no member could be reached. */
  #skipTo(revision: number): void {
    this.#refuse(({ from }) => from <= revision, "TOO_LATE");
    this.#next = revision + 1;
    this.#window = new ChangeWindow(this.#next);
  }

  #refuse(concerns: (waiter: Waiter) => boolean, refusal: Refusal | Error): void {
    for (const [waiter, refuse] of [...this.#pending]) if (concerns(waiter)) refuse(refusal);
  }
}

function opening(error: unknown): unknown {
  return error instanceof CallError ? new EngineError(`etcd: ${error.told}`, false, { cause: error }) : error;
}
