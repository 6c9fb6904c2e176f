import { expect, test } from "vitest";
import { readArguments } from "../../src/commands/arguments.ts";
import { runCommand } from "../../src/commands/run.ts";
import { surroundings } from "../support/surroundings.ts";

test.each([
  ["--update --repeat 3", "--update and --repeat do not go together"],
  ["--update=all --pipeline", "--update and --pipeline do not go together"],
  ["--verbose --quiet", "--verbose and --quiet contradict each other"],
])("run %s is refused", async (options, message) => {
  const command = runCommand(readArguments(["run", ...options.split(" ")]), surroundings().given);
  await expect(command).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(message) });
});
