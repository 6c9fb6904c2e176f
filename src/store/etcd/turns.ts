/** So many at a time; the others in the order in which they came. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when it is one's turn, with what ends it. @throws the signal's reason */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener("abort", abort);
        this.#free--;
        resolve(() => {
          this.#free++;
          const [next] = this.#waiting;
          if (next === undefined) return;
          this.#waiting.delete(next);
          next();
        });
      };
      const abort = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason);
      };
      if (this.#free > 0) return begin();
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.add(begin);
    });
  }
}
