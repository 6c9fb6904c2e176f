import { expect, it } from "vitest";
import { Runner, type Script } from "../../src/play/script.ts";

/** Waits for ever, and makes a mistake when it is ended. */
function* failing(): Script<void> {
  try {
    for (;;) yield;
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: the mistake is what is tested
    throw new Error("a second mistake");
  }
}

function start(): { readonly runner: Runner; readonly errors: string[] } {
  const errors: string[] = [];
  const runner = new Runner();
  runner.start(failing(), { onEnd: () => {}, onError: (error) => errors.push((error as Error).message) }, 0);
  return { runner, errors };
}

it("reports a mistake before one that the end of the script makes", () => {
  const { runner, errors } = start();
  runner.fail(new Error("a first mistake"));
  expect(errors).toEqual(["a first mistake", "a second mistake"]);
});

it("reports a mistake of a script that is stopped", () => {
  const { runner, errors } = start();
  runner.stop();
  expect(errors).toEqual(["a second mistake"]);
});
