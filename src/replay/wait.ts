import { now } from "../base/clock.ts";
import type { Runner, Script } from "../play/script.ts";

/** Lets a script wait for something outside of the play. What fails there is a mistake in the program. */
export function* waitFor<T>(runner: Runner, work: Promise<T>): Script<T> {
  let done: { readonly value: T } | undefined;
  work.then(
    (value) => {
      done = { value };
      runner.wake(now());
    },
    (error: unknown) => runner.fail(error),
  );
  while (!done) yield;
  return done.value;
}

/** Runs a script to its end, or stops it where the signal comes first. @returns whether it was stopped. */
export function runScript(runner: Runner, script: Script<void>, signal: AbortSignal): Promise<boolean> {
  let stop = (): void => {};
  return new Promise<boolean>((resolve, reject) => {
    stop = () => {
      runner.stop();
      resolve(true);
    };
    if (signal.aborted) return resolve(true);
    signal.addEventListener("abort", stop, { once: true });
    runner.start(script, { onEnd: () => resolve(false), onError: reject }, now());
  }).finally(() => signal.removeEventListener("abort", stop));
}
