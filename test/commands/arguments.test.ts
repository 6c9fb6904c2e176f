import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WiredocError } from "../../src/base/error.ts";
import { readArguments } from "../../src/commands/arguments.ts";
import {
  type Arguments,
  isCommand,
  OPTION_NAMES,
  type OptionName,
  optionsOf,
  specOf,
} from "../../src/commands/options.ts";

/** As arguments.txt writes it. */
function show({ command, isImplied, paths, texts, flags }: Arguments): string {
  const options = OPTION_NAMES.flatMap((name) => [
    ...(texts[name] ?? []).map((value) => `${name}=${value}`),
    ...(flags[name] === undefined ? [] : [flags[name] ? name : `no ${name}`]),
  ]);
  return [isImplied ? `(${command})` : command, JSON.stringify(paths), ...options].join(" ");
}

function readLine(line: string): string {
  const words = line === "" ? [] : line.split(" ").map((word) => (word === "''" ? "" : word));
  try {
    return show(readArguments(words));
  } catch (error) {
    if (error instanceof WiredocError && error.code === "usage")
      return `! ${error.message.replace(/(?<=it belongs to ).*/, "…")}`;
    throw error;
  }
}

test("a mistake names the commands that an option belongs to", () => {
  const belongs = (words: readonly string[], to: string): void =>
    expect(() => readArguments(words)).toThrow(new RegExp(`: it belongs to ${to}$`));
  belongs(["check", "--verbose"], '"wiredoc run".*');
  belongs(["run", "--etcd", "x"], '"wiredoc store"');
  belongs(["check", "--server-output"], '"wiredoc run", .* or "wiredoc [a-z]+"');
});

describe("the table of command lines", () => {
  const table = readFileSync(new URL("arguments.txt", import.meta.url), "utf8");
  const cases = [...table.matchAll(/^wiredoc ?(.*)\n {2}(.*)$/gm)].map(([, line, read]) => [line!, read!] as const);

  test("is read to its end", () => {
    expect(cases).toHaveLength(table.match(/^wiredoc/gm)!.length);
    expect(cases.length).toBeGreaterThan(200);
  });

  test.each(cases)("wiredoc %s", (line, expected) => {
    expect(readLine(line)).toBe(expected);
  });
});

/** An option in one of its forms, and what it adds. */
interface Written {
  readonly args: readonly string[];
  readonly name: OptionName;
  readonly value: string | boolean;
}

const value = fc.oneof(
  fc.string({ minLength: 1 }).filter((text) => !/^-\D/.test(text)),
  fc.constantFrom("-1", "-", "a=b", "true", "check"),
);

function written(name: OptionName): fc.Arbitrary<Written> {
  const { kind, alias } = specOf(name);
  if (kind === "text") {
    const forms = (text: string): string[][] => [
      [`--${name}`, text],
      [`--${name}=${text}`],
      ...(alias === undefined ? [] : [[`-${alias}`, text], [`-${alias}=${text}`]]),
      ...(alias === undefined || text.startsWith("=") ? [] : [[`-${alias}${text}`]]),
    ];
    return value.chain((text) => fc.constantFrom(...forms(text)).map((args) => ({ args, name, value: text })));
  }
  const short = alias === undefined ? [] : [{ args: [`-${alias}`], name, value: true }];
  return fc.constantFrom(
    { args: [`--${name}`], name, value: true },
    { args: [`--no-${name}`], name, value: false },
    ...short,
  );
}

const path = fc.string().filter((text) => !text.startsWith("-") && !isCommand(text));

describe.each(["run", "check", "list", "store"] as const)("%s", (command) => {
  const option = fc
    .constantFrom(...optionsOf(command).filter((name) => specOf(name).kind !== "optional"))
    .chain(written);

  test("reads its options in every form, in any place", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(option, path)), fc.array(fc.string()), (before, after) => {
        const texts: Partial<Record<OptionName, string[]>> = {};
        const flags: Partial<Record<OptionName, boolean>> = {};
        for (const one of before) {
          if (typeof one === "string") continue;
          if (typeof one.value === "boolean") flags[one.name] = one.value;
          else texts[one.name] = [...(texts[one.name] ?? []), one.value];
        }
        const args = before.flatMap((one) => (typeof one === "string" ? [one] : one.args));
        const paths = [...before.filter((one) => typeof one === "string"), ...after];
        expect(readArguments([command, ...args, "--", ...after])).toEqual({ command, paths, texts, flags });
      }),
    );
  });
});

test("whatever is given is read or is a mistake", () => {
  const word = fc.oneof(
    fc.string(),
    fc.string().map((text) => `-${text}`),
    fc.constantFrom("--", "-q-", "-x=3", "-q=g", "-g", "--grep", "--bail", "--help", "check", "--no-", "--__proto__"),
  );
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      try {
        expect(isCommand(readArguments(argv).command)).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: "usage", message: expect.stringMatching(/./) });
      }
    }),
  );
});
