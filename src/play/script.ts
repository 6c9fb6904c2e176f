/**
 * A play is a script: a coroutine that yields where it has to wait, and looks again whenever something came in. So what
 * happens one after the other reads like that, without promises. Where it yields a task, it goes on when that has ended.
 */

/** Something that goes on for a while without the script: a run of exchanges is one. */
export interface Task {
  /** Called when something came in. Does what can be done now; whether the task has ended. */
  advance(): boolean;
}

/** @typeParam T what it comes to. */
export type Script<T> = Generator<Task | undefined, T, undefined>;

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
  /** What the script waits for. */
  #task: Task | undefined;
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
    this.#isRunning = true;
    try {
      if (this.#task === undefined || this.#task.advance()) this.#resume(script);
    } catch (error) {
      this.stop();
      this.#end?.onError(error);
    } finally {
      this.#isRunning = false;
    }
  }

  #resume(script: Script<unknown>): void {
    const { done, value } = script.next();
    if (!done) {
      this.#task = value;
      return;
    }
    this.#script = undefined;
    this.#task = undefined;
    this.#isRunning = false;
    (this.#end as ScriptEnd<unknown>).onEnd(value);
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
    this.#task = undefined;
    try {
      script?.return(undefined);
    } catch (error) {
      this.#end?.onError(error);
    }
  }
}
