/**
 * The body of a response against the written one: line by line as it arrives, and as a whole where both are JSON
 * (format guide, section 8). CRLF and LF are alike, and the last line need not have an ending.
 */
import { type ByteString, decodeText } from "../../base/bytes.ts";
import { capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import { matchInOrder } from "../../match/in-order.ts";
import { isDifference, matchJson } from "../../match/json.ts";
import { type JsonTemplate, parseJson, parseJsonTemplate } from "../../match/json-reader.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import { PatternError } from "../../match/parts.ts";
import { type LinePattern, varied } from "../../match/pattern.ts";
import { UnorderedMatcher } from "../../match/unordered.ts";
import type { Scope } from "../../match/variables.ts";

const RULES = { eol: "any", endingOptional: true } as const;
const RULES_OF_WHOLE = { ...RULES, endKnown: true } as const;

/** `endKnown`: what is fed is the whole body, not a part of a stream. */
export const bodyLinesMatcher = (
  written: readonly LinePattern[],
  scope: Scope,
  unordered: boolean,
  endKnown: boolean,
): Matcher =>
  unordered
    ? new UnorderedMatcher(written, scope, RULES)
    : matchInOrder(written, scope, endKnown ? RULES_OF_WHOLE : RULES);

/** A written line that is a JSON object or array: what comes is compared as JSON where it is JSON too. */
export function readBodyLine(pattern: LinePattern): LinePattern {
  const { body, source, ending, repeat, column } = pattern;
  if (body.kind !== "text" || ending !== "written" || repeat !== "once" || !/^\s*[{[]/.test(source)) return pattern;
  const template = readTemplate(source, column);
  if (!template) return pattern;
  return varied(pattern, { body: { kind: "json", prefix: [], template }, literal: undefined, otherwise: pattern });
}

/** How often a body is read as JSON before its end: each attempt takes as long as the body so far. */
const MOST_ATTEMPTS = 16;

export class BodyMatcher {
  readonly #written: readonly LinePattern[];
  readonly #scope: Scope;
  readonly #lines: Matcher;
  readonly #template: JsonTemplate | undefined;
  readonly #live: boolean;
  /** The lines for the comparison as JSON, and how many lines there were. */
  readonly #received: ByteString[] = [];
  #fed = 0;
  #attempts = 0;
  #state: Progress;
  #failed: Unmatched | undefined;
  #captures: Captures | undefined;

  /** `live`: a stream of events, of which a reply takes a part; what follows is the next one's. */
  constructor(written: readonly LinePattern[], scope: Scope, unordered: boolean, live: boolean) {
    this.#written = written;
    this.#scope = scope;
    this.#lines = bodyLinesMatcher(written, scope, unordered, !live);
    this.#template = live ? undefined : templateOf(written);
    this.#state = this.#lines.mayBeEmpty ? "open" : "more";
    this.#live = live;
  }

  /** `done` only where the rest of the body is not this reply's. */
  feed(line: ByteString): Progress {
    if (this.#template) this.#received.push(line);
    if (this.#state === "done")
      this.#fail({ pattern: undefined, after: this.#written.at(-1), received: this.#fed, detail: "" });
    else if (this.#state !== "failed") this.#state = this.#lines.feed(line, "body");
    this.#fed++;
    if (this.#state === "failed") return this.#template ? this.#soFar(this.#template, line) : "failed";
    return this.#state === "done" && !this.#live ? "open" : this.#state;
  }

  /** A JSON text that is complete cannot go on, so it is compared even where nothing tells the end of the body. */
  #soFar(template: JsonTemplate, line: ByteString): Progress {
    const mayBeWhole = this.#fed === 1 || /^[}\]]/.test(line);
    if (!mayBeWhole || this.#attempts >= MOST_ATTEMPTS) return "more";
    this.#attempts++;
    const json = parseJson(decodeText(this.#received.join("")));
    if (!json) return "more";
    return this.#compareJson(template, json) === "done" ? "open" : "failed";
  }

  #fail(unmatched: Unmatched): void {
    this.#state = "failed";
    this.#failed = unmatched;
  }

  /** What came is the whole body, as far as anybody knows. */
  finish(): Progress {
    const json = this.#template && parseJson(decodeText(this.#received.join("")));
    if (this.#template && json) return this.#compareJson(this.#template, json);
    if (this.#state === "failed") return "failed";
    const end = this.#state === "done" ? "done" : this.#lines.end();
    if (end === "failed") this.#state = "failed";
    return end === "open" ? "done" : end;
  }

  #compareJson(template: JsonTemplate, json: NonNullable<ReturnType<typeof parseJson>>): Progress {
    const result = matchJson(template, json, this.#scope, NOTHING_CAPTURED);
    if (!isDifference(result)) {
      this.#captures = capturedMap(result);
      return "done";
    }
    const row = template.source.slice(0, result.offset).split("\n").length - 1;
    const detail = `differs at ${result.path}: ${result.message}`;
    this.#failed = { pattern: this.#written[row], after: this.#written[row - 1], received: 0, detail };
    return "failed";
  }

  takes(line: ByteString): boolean {
    return this.#template !== undefined || this.#lines.takes(line, "body");
  }

  get mayBeEmpty(): boolean {
    return this.#lines.mayBeEmpty;
  }

  get rest(): ByteString {
    return this.#lines.rest;
  }

  captures(): Captures {
    return this.#captures ?? this.#lines.captures();
  }

  /** `received` counts the lines of the body. */
  unmatched(): Unmatched {
    return this.#failed ?? this.#lines.unmatched();
  }
}

/** The written body as JSON, where it is an object or an array, with its text as it stands in the document. */
export function templateOf(written: readonly LinePattern[]): JsonTemplate | undefined {
  const [first] = written;
  if (
    written.length === 1 &&
    first?.body.kind === "json" &&
    first.body.prefix.length === 0 &&
    first.repeat === "once"
  ) {
    return first.body.template;
  }
  const source = jsonSource(written);
  return source === undefined ? undefined : readTemplate(source, first!.column);
}

/** The text of a body that begins as JSON, and has nothing else that would make it none. */
function jsonSource(written: readonly LinePattern[]): string | undefined {
  const isPlain = written.every(
    ({ body, ending, repeat, otherwise }) =>
      (otherwise !== undefined || body.kind === "text" || body.kind === "ellipsis") &&
      ending === "written" &&
      repeat === "once",
  );
  const source = written.map((line) => line.source).join("\n");
  return isPlain && /^\s*[{[]/.test(source) ? source : undefined;
}

/** Why bodies are compared as text although one of them looks like JSON; undefined where there is nothing to say. */
export function whyNotJson(written: readonly LinePattern[], received: string): string | undefined {
  const source = jsonSource(written);
  if (source !== undefined) {
    try {
      parseJsonTemplate(source, 1);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      return `the written body is not JSON (${error.message}), so it is compared as text`;
    }
  }
  const isWrittenAsJson = templateOf(written) !== undefined;
  return isWrittenAsJson && !parseJson(received)
    ? "the body that came is not JSON, so it is compared as text"
    : undefined;
}

function readTemplate(source: string, column: number): JsonTemplate | undefined {
  try {
    const template = parseJsonTemplate(source, column);
    return template.root.kind === "placeholder" ? undefined : template;
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}
