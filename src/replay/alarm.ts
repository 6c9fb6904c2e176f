/**
 * A timer that is set again and again for the same time: refreshing one costs a fraction of making one, and one that is
 * not needed any more may run out unheard. It keeps no process alive.
 */
export class Alarm {
  #timer: NodeJS.Timeout | undefined;
  #ms = -1;
  #ring: (() => void) | undefined;

  /** Calls `ring` in `ms` milliseconds, instead of what was set before. */
  set(ms: number, ring: () => void): void {
    this.#ring = ring;
    if (this.#timer && this.#ms === ms) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#timer = setTimeout(() => {
      const due = this.#ring;
      this.#ring = undefined;
      due?.();
    }, ms).unref();
  }

  /** Nothing rings until it is set again. */
  clear(): void {
    this.#ring = undefined;
  }

  dispose(): void {
    this.#ring = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
