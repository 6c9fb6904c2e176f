/** Written commands against received ones: their arguments count, not the quotes and the white space around them. */
import type { ByteString } from "../../base/bytes.ts";
import { boundValue, type Captured, capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import { matchParts } from "../../match/fit.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { Part, Placeholder } from "../../match/parts.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { matchText, splitEnding } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";
import type { Comparison, ReceivedLine } from "../dialect.ts";
import { splitCommand } from "./arguments.ts";

/** In a text, a placeholder is a character that is no byte: this one and those after it. */
const FIRST_CODE = 0x100;

const WRONG_QUOTE = new Error("a quote is wrong");

/** The arguments of a command line; undefined where a quote is wrong. */
function split(text: string): readonly string[] | undefined {
  try {
    return splitCommand(text, () => {
      throw WRONG_QUOTE;
    });
  } catch (error) {
    if (error !== WRONG_QUOTE) throw error;
    return undefined;
  }
}

/** The arguments of a written command; values that are known are put in before it is split, as when it is sent. */
function writtenArguments(
  parts: readonly Part[],
  scope: Scope,
  captured: Captured,
): readonly (readonly Part[])[] | undefined {
  const free: Placeholder[] = [];
  let text = "";
  for (const part of parts) {
    const bytes = part.kind === "text" ? part.bytes : boundValue(part, scope, captured);
    text += bytes ?? String.fromCharCode(FIRST_CODE + free.length);
    if (bytes === undefined) free.push(part as Placeholder);
  }
  return split(text)?.map((arg) =>
    arg === ""
      ? [{ kind: "text", bytes: "" }]
      : arg
          .split(/([^\x00-\xff])/)
          .filter((one) => one !== "")
          .map((one) => {
            const code = one.charCodeAt(0);
            return code < FIRST_CODE ? ({ kind: "text", bytes: one } as const) : free[code - FIRST_CODE]!;
          }),
  );
}

/** What a command captures if a written one matches it. */
function matchCommand(pattern: LinePattern, line: ByteString, scope: Scope, captured: Captured): Captured | undefined {
  const { text } = splitEnding(line, "any");
  const written = pattern.body.kind === "text" ? writtenArguments(pattern.body.parts, scope, captured) : undefined;
  if (!written) return matchText(pattern, text, scope, captured);
  const received = split(text);
  if (received?.length !== written.length) return undefined;
  let now: Captured | undefined = captured;
  for (const [i, parts] of written.entries()) {
    const text = received[i]!;
    now = now && matchParts(parts, i === 0 ? asWritten(text, parts) : text, scope, now);
  }
  return now;
}

/** The name of a command as it is written, where it is that in capitals or small letters: Redis takes either. */
function asWritten(name: ByteString, [part, ...others]: readonly Part[]): ByteString {
  const isName = part?.kind === "text" && others.length === 0 && part.bytes.toLowerCase() === name.toLowerCase();
  return isName ? part.bytes : name;
}

/** Nothing is sent for a line without arguments. */
const isCommand = ({ literal }: LinePattern): boolean => literal === undefined || split(literal)?.length !== 0;

export class CommandMatcher implements Matcher {
  readonly #expects: readonly LinePattern[];
  readonly #scope: Scope;
  #matched = 0;
  #hasFailed = false;
  #captured: Captured = NOTHING_CAPTURED;
  readonly mayBeEmpty: boolean;
  readonly rest = "";

  constructor(expects: readonly LinePattern[], scope: Scope) {
    this.#expects = expects.filter(isCommand);
    this.#scope = scope;
    this.mayBeEmpty = this.#expects.length === 0;
  }

  feed(line: ByteString): Progress {
    const captured = this.#match(line);
    if (captured) {
      this.#captured = captured;
      this.#matched++;
    } else this.#hasFailed = true;
    return this.end();
  }

  endMessage(): Progress {
    return this.end();
  }

  end(): Progress {
    if (this.#hasFailed) return "failed";
    return this.#matched === this.#expects.length ? "done" : "more";
  }

  takes(line: ByteString): boolean {
    return this.#match(line) !== undefined;
  }

  captures(): Captures {
    return capturedMap(this.#captured);
  }

  unmatched(): Unmatched {
    const [after, pattern] = [this.#expects[this.#matched - 1], this.#expects[this.#matched]];
    return { pattern, after, received: this.#matched, detail: "" };
  }

  #match(line: ByteString): Captured | undefined {
    const pattern = this.#expects[this.#matched];
    return pattern && matchCommand(pattern, line, this.#scope, this.#captured);
  }
}

/** For reports. */
export const compareCommands = (received: readonly ReceivedLine[], scope: Scope): Comparison => ({
  lines: received.map(({ line }) => line),
  matches: (pattern, line) => matchCommand(pattern, line, scope, NOTHING_CAPTURED) !== undefined,
});
