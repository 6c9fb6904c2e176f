/** The written head of a message against the one that came: the first line, then the headers, trailers included. */
import { type ByteString, decodeText } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { matchText } from "../../match/text.ts";
import type { CaptureScope, Scope } from "../../match/variables.ts";
import type { ReadingContext } from "../dialect.ts";
import type { Subject } from "./body-framing.ts";
import {
  endingDue,
  endingOf,
  endsWrong,
  type HeaderProblem,
  matchHeader,
  matchHeaders,
  missingHeader,
  type ReceivedHeader,
  receivedHeader,
  textOfStatus,
  valuesByName,
} from "./headers.ts";
import { isEmptyLine, namesEndings } from "./written.ts";

/** What tells requests from responses where they are matched. */
export interface MessageForm {
  readonly subject: Subject;
  readonly startLine: "request line" | "status line";
  /** The texts that a written first line may match, the shortest first. */
  textsOfStart(line: ByteString): readonly ByteString[];
}

export const RESPONSE: MessageForm = {
  subject: "response",
  startLine: "status line",
  /** `HTTP/1.1 200` alone stands for any reason, so that is tried first. */
  textsOfStart: (line) => {
    const text = textOfStatus(line);
    return [text.slice(0, "HTTP/1.1 200".length), text];
  },
};

export const REQUEST: MessageForm = {
  subject: "request",
  startLine: "request line",
  textsOfStart: (line) => [line.replace(/\r?\n$/, "")],
};

/** What a written first line captures from one that came; undefined where it does not match, whatever the ending. */
export function matchStart(
  pattern: LinePattern,
  line: ByteString,
  scope: Scope,
  form: MessageForm,
): Captured | undefined {
  for (const text of form.textsOfStart(line)) {
    const captured = matchText(pattern, text, scope, NOTHING_CAPTURED);
    if (captured) return captured;
  }
  return undefined;
}

/** What is wrong with the ending of a line of a head or of trailers that no written line speaks of; else undefined. */
export function wrongEnding(line: ByteString, eol: Eol): string | undefined {
  const due = endingDue({ ending: "written" }, eol);
  const ending = endingOf(line);
  if (due === undefined || due === ending) return undefined;
  return `${nameOf(line)} ${endsWrong(ending)}`;
}

function nameOf(line: ByteString): string {
  if (line === "\n" || line === "\r\n") return "the empty line after the headers";
  const [, name] = /^([^ :]+):/.exec(line) ?? [];
  return name === undefined ? "the status line" : `header "${decodeText(name)}"`;
}

export class HeadMatcher {
  readonly start: LinePattern;
  /** The empty line that ends the written head. */
  readonly #separator: LinePattern | undefined;
  readonly headers: readonly LinePattern[];
  /** Whether a written line names an ending, so that more than one may come. */
  readonly #namesEndings: boolean;
  readonly #form: MessageForm;
  readonly #scope: CaptureScope;
  readonly #context: ReadingContext;
  #received: ReceivedHeader[] = [];
  /** Written headers that a trailer may still be. */
  #open: readonly LinePattern[] = [];

  constructor(message: readonly LinePattern[], form: MessageForm, scope: CaptureScope, context: ReadingContext) {
    const at = message.findIndex(isEmptyLine);
    this.start = message[0]!;
    this.#separator = message[at];
    this.headers = message.slice(1, at < 0 ? undefined : at);
    this.#namesEndings = namesEndings([message]);
    this.#form = form;
    this.#scope = scope;
    this.#context = context;
  }

  matchesStart(line: ByteString): boolean {
    return matchStart(this.start, line, this.#scope, this.#form) !== undefined;
  }

  /** The first line. @returns what is wrong with it, empty where that is plain; undefined where nothing is. */
  takeStart(line: ByteString): string | undefined {
    const captured = matchStart(this.start, line, this.#scope, this.#form);
    if (!captured) return "";
    const due = endingDue(this.start, this.#context.eol);
    const ending = endingOf(line);
    if (due !== undefined && due !== ending) return `the ${this.#form.startLine} ${endsWrong(ending)}`;
    this.#keep(captured);
    return undefined;
  }

  #keep(captured: Captured): void {
    for (const [name, value] of capturedMap(captured)) this.#scope.captured.set(name, value);
  }

  /** A header or a trailer; `index` counts the lines of the message. */
  add(line: ByteString, index: number): void {
    this.#received.push(receivedHeader(line, index));
  }

  /** Whether a header or trailer could be one of the written ones. */
  takes(line: ByteString): boolean {
    const header = receivedHeader(line, 0);
    return this.headers.some((one) => matchHeader(one, header, this.#context.eol, this.#scope, NOTHING_CAPTURED));
  }

  /** What the headers say that have come, until they are compared. */
  get values(): ReadonlyMap<string, ByteString> {
    return valuesByName(this.#received);
  }

  /** The head ends with this empty line. */
  end(empty: ByteString, index: number): HeaderProblem | undefined {
    this.#open = this.headers;
    return this.compare() ?? this.#endsWrongly(empty, index);
  }

  /** The first of the written headers that has to be there and is not. */
  get missing(): HeaderProblem | undefined {
    return missingHeader(this.#open);
  }

  #endsWrongly(line: ByteString, index: number): HeaderProblem | undefined {
    const pattern = this.#separator;
    if (!pattern) {
      const detail = this.#namesEndings ? undefined : wrongEnding(line, this.#context.eol);
      return detail === undefined ? undefined : { pattern: this.start, index, detail, unwritten: true };
    }
    const ending = endingOf(line);
    const due = endingDue(pattern, this.#context.eol);
    if (due === undefined || due === ending) return undefined;
    return { pattern, index, detail: `the empty line ${endsWrong(ending)}` };
  }

  /** Compares the headers or trailers that came with the written ones that are open. */
  compare(): HeaderProblem | undefined {
    const rules = { exact: this.#context.options.headers === "exact", eol: this.#context.eol };
    const { captured, open, free, problem } = matchHeaders(
      this.#open,
      this.#received,
      rules,
      this.#scope,
      NOTHING_CAPTURED,
    );
    this.#received = [];
    this.#open = open;
    this.#keep(captured);
    return problem ?? this.#freeEndsWrongly(free);
  }

  #freeEndsWrongly(free: Iterable<ReceivedHeader>): HeaderProblem | undefined {
    const due = endingDue({ ending: "written" }, this.#context.eol);
    if (due === undefined) return undefined;
    for (const { name, ending, index } of free)
      if (ending !== due)
        return {
          pattern: this.start,
          index,
          detail: `header "${decodeText(name)}" ${endsWrong(ending)}`,
          unwritten: true,
        };
    return undefined;
  }
}
