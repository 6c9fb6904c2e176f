import { describe, expect, test } from "vitest";
import { helpText } from "../../src/commands/help.ts";
import { COMMAND_NAMES, optionsOf, specOf } from "../../src/commands/options.ts";

describe("the help", () => {
  test("of a command says how it is written, once", async () => {
    expect(await helpText("check", undefined)).toMatch(
      /^wiredoc check \[OPTION…\] \[PATH…\]\n\nfind mistakes in documents[^\n]*\n\nA PATH is [^\n]*\n\nOptions:/,
    );
    const help = await helpText(undefined, undefined);
    expect(help.match(/A PATH is/g)).toHaveLength(1);
    expect(help).not.toContain("[string]");
  });

  test.each(COMMAND_NAMES)("of %s shows its options and no others", async (command) => {
    const shown = new Set((await helpText(command, undefined)).match(/--[a-z][a-z-]*(?= )/g));
    const expected = optionsOf(command).map((name) => `--${name}`);
    expect([...shown].filter((name) => name !== "--no-color").sort()).toEqual([...expected].sort());
  });

  test("says of each option what its value is, and names each command", async () => {
    const help = await helpText(undefined, undefined);
    for (const name of optionsOf("run")) {
      const { kind, value, describe: sentence, alias } = specOf(name);
      expect(help).toContain(`${alias === undefined ? "" : `-${alias}, `}--${name}`);
      expect(help.replace(/\s+/g, " ")).toContain(kind === "text" ? `${value}: ${sentence}` : sentence);
    }
    for (const command of COMMAND_NAMES) expect(help).toContain(`wiredoc ${command} `);
  });

  test.each([
    [undefined, 100],
    [60, 60],
    [200, 100],
  ])("of a terminal of %s columns is at most %i wide", async (columns, expected) => {
    for (const command of [undefined, ...COMMAND_NAMES]) {
      const widths = (await helpText(command, columns)).split("\n").map((line) => line.length);
      expect(Math.max(...widths)).toBeLessThanOrEqual(expected);
      expect(Math.max(...widths)).toBeGreaterThan(expected - 10);
    }
  });
});
