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
