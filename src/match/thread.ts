import type { Capture } from "./capture-values.ts";
import type { LinePattern } from "./pattern.ts";

/** One way to line up what is written with what came so far: it waits at an instruction for the next byte. */
export interface Thread {
  readonly pc: number;
  /** How many bytes the instruction has taken; of a line or a count, where it began; below zero: bytes of a character to come. */
  readonly offset: number;
  readonly captures: Capture | undefined;
  /** The last written line that was matched on the way. */
  readonly matched: LinePattern | undefined;
  /** At a count: the threads that came there later. They leave in the same order, so only the first one is looked at. */
  readonly followers: ThreadQueue | undefined;
}

/** A queue drops the threads that have left once there are more of them than this. */
const MOST_LEFT = 1024;

/** First in, first out. */
export class ThreadQueue {
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

  copy(): ThreadQueue {
    const copy = new ThreadQueue();
    copy.#threads = this.#threads.slice(this.#first);
    return copy;
  }
}
