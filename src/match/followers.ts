/** Threads that wait behind another one at an instruction that takes so many bytes: the one that came first leaves first. */
import type { Thread } from "./automaton.ts";

/** So many that have left are kept before the list is cut. */
const MOST_LEFT = 1024;

export class Followers {
  #threads: Thread[] = [];
  #first = 0;

  add(thread: Thread): void {
    this.#threads.push(thread);
  }

  /** Takes out the first one. */
  take(): Thread | undefined {
    const thread = this.#threads[this.#first];
    if (!thread) return undefined;
    this.#first++;
    if (this.#first > MOST_LEFT && this.#first * 2 > this.#threads.length) {
      this.#threads = this.#threads.slice(this.#first);
      this.#first = 0;
    }
    return thread;
  }

  copy(): Followers {
    const copy = new Followers();
    copy.#threads = this.#threads.slice(this.#first);
    return copy;
  }
}
