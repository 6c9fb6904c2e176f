/**
 * A play is a script: a coroutine that yields where it has to wait, and looks again whenever something came in. So what
 * happens one after the other reads like that, without promises.
 */

/** @typeParam T what it comes to. */
export type Script<T> = Generator<undefined, T, undefined>;

export interface ScriptEnd<T> {
  onEnd(value: T): void;
  /** A mistake in the program. */
  onError(error: unknown): void;
}

/** Runs one script at a time, and keeps its time: that of the last input. */
export class Runner {
  /** Milliseconds. */
  now = 0;
  #script: Script<unknown> | undefined;
  #end: ScriptEnd<never> | undefined;
  #isRunning = false;

  start<T>(script: Script<T>, end: ScriptEnd<T>, now: number): void {
    this.#script = script;
    this.#end = end;
    this.wake(now);
  }

  /** Something came in: the script goes on as far as it can. */
  wake(now: number): void {
    this.now = now;
    const script = this.#script;
    // Called from within the script, which looks by itself at what has changed.
    if (!script || this.#isRunning) return;
    const end = this.#end as ScriptEnd<unknown>;
    this.#isRunning = true;
    try {
      const { done, value } = script.next();
      this.#isRunning = false;
      if (!done) return;
      this.#script = undefined;
      end.onEnd(value);
    } catch (error) {
      this.#isRunning = false;
      this.#script = undefined;
      end.onError(error);
    }
  }

  /** A mistake in the program, or in a dialect of one's own: no play can go on after it. */
  fail(error: unknown): void {
    this.#end?.onError(error);
    this.stop();
  }

  /** Ends the script at its present place; its `finally` blocks run, and a mistake in them goes to `onError`. */
  stop(): void {
    const script = this.#script;
    this.#script = undefined;
    try {
      script?.return(undefined);
    } catch (error) {
      this.#end?.onError(error);
    }
  }
}
