/**
 * Changes that follow on one another, none missing between: the last of those that were put in, up to a number of them and
 * of their bytes.
 */
import type { Change } from "../engine.ts";
import type { Glob } from "../glob.ts";

const MOST_CHANGES = 4096;
const MOST_BYTES = 16 * 1024 * 1024;

export class ChangeWindow {
  #changes: Change[] = [];
  /** How many at the beginning of the array are no longer kept. */
  #dropped = 0;
  #bytes = 0;
  readonly #mostBytes: number;
  /** The first revision of which every change is here. */
  #first: number;
  #next: number;

  /** Begins with a revision. */
  constructor(first: number, mostBytes: number = MOST_BYTES) {
    this.#first = first;
    this.#next = first;
    this.#mostBytes = mostBytes;
  }

  /** The revision that is to come next. */
  get next(): number {
    return this.#next;
  }

  /** Whether every change from a revision on is here, up to the next one to come. */
  covers(revision: number): boolean {
    return revision >= this.#first && revision < this.#next;
  }

  push(change: Change): void {
    this.#changes.push(change);
    this.#bytes += change.value.length;
    this.#next = change.revision + 1;
    while (this.#changes.length - this.#dropped > MOST_CHANGES || this.#bytes > this.#mostBytes) this.#drop();
    if (this.#dropped > MOST_CHANGES) {
      this.#changes = this.#changes.slice(this.#dropped);
      this.#dropped = 0;
    }
  }

  /** The first change from a revision on that a glob matches. */
  find(glob: Glob, from: number): Change | undefined {
    let [low, high] = [this.#dropped, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#changes[middle]!.revision < from) low = middle + 1;
      else high = middle;
    }
    for (; low < this.#changes.length; low++) {
      const change = this.#changes[low]!;
      if (glob.matches(change.path)) return change;
    }
    return undefined;
  }

  #drop(): void {
    const oldest = this.#changes[this.#dropped]!;
    this.#bytes -= oldest.value.length;
    this.#changes[this.#dropped++] = NONE;
    this.#first = oldest.revision + 1;
  }
}

/** In place of what is dropped, so that its value is. */
const NONE: Change = { kind: "nop", revision: 0, path: "/", value: new Uint8Array(0) };
