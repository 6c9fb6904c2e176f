import { type ByteString, decodeText } from "../../base/bytes.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { matchText } from "../../match/text.ts";
import type { CaptureScope } from "../../match/variables.ts";
import type { MatcherContext } from "../dialect.ts";
import { BodyMatcher } from "./body.ts";
import { HttpCodec } from "./codec.ts";
import { codingsOf } from "./content.ts";
import {
  endingDue,
  endingOf,
  endsWrong,
  type HeaderProblem,
  isEventStream,
  matchHeader,
  matchHeaders,
  missingHeader,
  type ReceivedHeader,
  receivedHeader,
  textOfStatus,
  valuesByName,
} from "./headers.ts";
import { isEmptyLine } from "./written.ts";

/**
 * One written response against one received: the status line, the headers among those that came, trailers included,
 * and the body where one is written. It ends with the message; where only silence or the peer could tell its end, it is
 * `open` once everything written was there, and of a stream of events it takes no more than its own lines.
 */
export class ResponseMatcher implements Matcher {
  readonly #status: LinePattern;
  /** The empty line that ends the written head. */
  readonly #separator: LinePattern | undefined;
  readonly #headers: readonly LinePattern[];
  /** The written body; undefined where none is, and any will do. */
  readonly #written: readonly LinePattern[] | undefined;
  /** The mark in the place of a body that has to be empty. */
  readonly #emptyMark: LinePattern | undefined;
  readonly #scope: CaptureScope;
  readonly #context: MatcherContext;

  #phase: "status" | "headers" | "body" | "ended" = "status";
  #progress: Progress = "more";
  /** Lines fed, and how many of them came before the body. */
  #lines = 0;
  #headLines = 0;
  #headBytes = 0;
  #statusLine: ByteString = "";
  #received: ReceivedHeader[] = [];
  /** Written headers that a trailer may still be. */
  #open: readonly LinePattern[] = [];
  #body: BodyMatcher | undefined;
  /** The length of the body is known, so its end will show. */
  #sized = false;
  /** A coding of the body that cannot be undone. */
  #coding: string | undefined;
  #failed: Unmatched | undefined;
  readonly mayBeEmpty = false;

  constructor(expects: readonly LinePattern[], scope: CaptureScope, context: MatcherContext) {
    const empty = expects.findIndex(isEmptyLine);
    this.#separator = expects[empty];
    const separator = empty < 0 ? expects.length : empty;
    this.#status = expects[0]!;
    this.#headers = expects.slice(1, separator);
    const body = expects.slice(separator + 1);
    const mark = body.length === 0 ? expects[separator] : body.length === 1 ? body[0] : undefined;
    this.#emptyMark = mark?.source === "" && mark.marked ? mark : undefined;
    this.#written = body.length > 0 && !this.#emptyMark ? body : undefined;
    this.#scope = scope;
    this.#context = context;
  }

  feed(line: ByteString, part: string): Progress {
    if (this.#phase === "status" || this.#phase === "headers") this.#headBytes += line.length;
    if (this.#progress !== "failed") this.#progress = this.#take(line, part);
    this.#lines++;
    return this.#progress;
  }

  #take(line: ByteString, part: string): Progress {
    switch (this.#phase) {
      case "status": {
        const captured = part === "head" ? this.#matchStatus(line) : undefined;
        if (!captured) return this.#fail(this.#status, undefined, 0, "");
        const due = endingDue(this.#status, this.#context.eol);
        const ending = endingOf(line);
        if (due !== undefined && due !== ending)
          return this.#fail(this.#status, undefined, 0, `the status line ${endsWrong(ending)}`);
        this.#keep(captured);
        this.#phase = "headers";
        this.#statusLine = line;
        return "more";
      }
      case "headers":
        if (line === "\r\n" || line === "\n") return this.#endHead(line);
        this.#received.push(receivedHeader(line, this.#lines));
        return "more";
      case "body":
        if (part === "trailer") {
          this.#received.push(receivedHeader(line, this.#lines));
          return this.#progress;
        }
        if (this.#emptyMark)
          return this.#fail(this.#emptyMark, this.#lastWritten(), this.#lines, "the body is not empty");
        return this.#body ? this.#feedBody(this.#body, line) : this.#progress;
      case "ended":
        this.#failed = this.unmatched();
        return "failed";
      default:
        return this.#phase satisfies never;
    }
  }

  /** `HTTP/1.1 200` alone stands for any reason, so that is tried first. */
  #matchStatus(line: ByteString): Captured | undefined {
    const text = textOfStatus(line);
    return this.#match(text.slice(0, "HTTP/1.1 200".length)) ?? this.#match(text);
  }

  #match(text: ByteString): Captured | undefined {
    return matchText(this.#status, text, this.#scope, NOTHING_CAPTURED);
  }

  #keep(captured: Captured): void {
    for (const [name, value] of capturedMap(captured)) this.#scope.captured.set(name, value);
  }

  #endHead(empty: ByteString): Progress {
    this.#phase = "body";
    this.#headLines = this.#lines + 1;
    const headers = valuesByName(this.#received);
    const isTunnel = this.#opensTunnel();
    this.#sized = !isTunnel && headers.has("content-length");
    const live = !this.#sized && isEventStream(headers);
    if (this.#written) this.#coding = codingsOf(headers).unknown;
    this.#open = this.#headers;
    const problem = this.#matchReceived() ?? this.#endsWrongly(empty);
    if (problem) return this.#failAtHeader(problem);
    const missing = missingHeader(this.#open);
    const chunked = /chunked$/i.test(headers.get("transfer-encoding") ?? "");
    // A stream of events may have no end: only trailers that are announced are worth waiting for.
    const trailers = live ? headers.has("trailer") : chunked;
    if (missing && !trailers) return this.#failAtHeader(missing);
    if (this.#written)
      this.#body = new BodyMatcher(this.#written, this.#scope, this.#context.unordered, live || isTunnel);
    return live && !missing && (!this.#body || this.#body.mayBeEmpty) ? "open" : "more";
  }

  /** Whether lines of another protocol follow the head. */
  #opensTunnel(): boolean {
    const { codec } = this.#context;
    return codec instanceof HttpCodec && codec.isTunnel && /^HTTP\/1\.[01] (?:101|2)/.test(this.#statusLine);
  }

  /** The empty line after the headers, where a suffix lets more than one ending come. */
  #endsWrongly(line: ByteString): HeaderProblem | undefined {
    const ending = endingOf(line);
    const due = endingDue(this.#separator ?? this.#status, this.#context.eol);
    if (!this.#separator || due === undefined || due === ending) return undefined;
    return { pattern: this.#separator, index: this.#lines, detail: `the empty line ${endsWrong(ending)}` };
  }

  /** Compares the headers or trailers that came with the written ones that are open. */
  #matchReceived(): HeaderProblem | undefined {
    const exact = this.#context.options.headers === "exact";
    const { eol } = this.#context;
    const rules = { exact, eol };
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
          pattern: this.#status,
          index,
          detail: `header "${decodeText(name)}" ${endsWrong(ending)}`,
          unwritten: true,
        };
    return undefined;
  }

  #feedBody(body: BodyMatcher, line: ByteString): Progress {
    const progress = body.feed(line);
    if (progress === "failed") return this.#failAtBody(body);
    return this.#sized || missingHeader(this.#open) ? "more" : progress;
  }

  endMessage(): Progress {
    if (this.#phase === "ended" || this.#progress === "failed") return this.#progress;
    // It is the end of a response that was read in part before.
    if (this.#phase === "status") return "more";
    if (this.#opensTunnel() && this.#body) return this.#body.mayBeEmpty ? "open" : "more";
    this.#phase = "ended";
    const end = this.#body?.finish() ?? "done";
    this.#keepBody();
    const problem = this.#matchReceived() ?? missingHeader(this.#open);
    if (problem) this.#progress = this.#failAtHeader(problem);
    else this.#progress = end === "failed" ? this.#failAtBody(this.#body!) : end;
    return this.#progress;
  }

  end(): Progress {
    const { codec } = this.#context;
    if (this.#progress !== "open") return this.#progress;
    if (codec instanceof HttpCodec && codec.truncated) return "more";
    const end = this.#body?.finish() ?? "done";
    return end === "failed" ? this.#failAtBody(this.#body!) : end;
  }

  #keepBody(): void {
    for (const [name, value] of this.#body?.captures() ?? []) this.#scope.captured.set(name, value);
  }

  takes(line: ByteString, part: string): boolean {
    switch (this.#phase) {
      case "status":
        return part === "head" && this.#matchStatus(line) !== undefined;
      case "headers":
        return (
          part === "head" &&
          this.#headers.some((header) =>
            matchHeader(header, receivedHeader(line, 0), this.#context.eol, this.#scope, NOTHING_CAPTURED),
          )
        );
      default:
        return part === "body" && this.#body !== undefined && this.#body.takes(line);
    }
  }

  get rest(): ByteString {
    return this.#body?.rest ?? "";
  }

  captures(): Captures {
    this.#keepBody();
    return this.#scope.captured;
  }

  unmatched(): Unmatched {
    if (this.#failed) return this.#failed;
    const received = this.#lines;
    if (this.#phase === "status") return { pattern: this.#status, after: undefined, received, detail: "" };
    if (this.#phase === "headers") return { pattern: this.#headers[0], after: this.#status, received, detail: "" };
    const missing = missingHeader(this.#open);
    if (missing) return { pattern: missing.pattern, after: this.#status, received, detail: missing.detail };
    const body = this.#body && this.#inResponse(this.#body.unmatched());
    if (body?.pattern) return body;
    return { pattern: undefined, after: this.#lastWritten(), received, detail: "the response is not complete" };
  }

  /** The last line of what was matched before the body. */
  #lastWritten(): LinePattern {
    return this.#written?.at(-1) ?? this.#headers.at(-1) ?? this.#status;
  }

  #inResponse(unmatched: Unmatched): Unmatched {
    const after = unmatched.after ?? this.#headers.at(-1) ?? this.#status;
    const { bytes } = unmatched;
    return {
      ...unmatched,
      after,
      received: unmatched.received + this.#headLines,
      ...(bytes !== undefined && { bytes: bytes + this.#headBytes }),
    };
  }

  #fail(pattern: LinePattern | undefined, after: LinePattern | undefined, received: number, detail: string): "failed" {
    this.#failed = { pattern, after, received, detail };
    return "failed";
  }

  #failAtHeader({ pattern, index, detail, absent = false, unwritten = false }: HeaderProblem): "failed" {
    const before = pattern && this.#headers[this.#headers.indexOf(pattern) - 1];
    this.#failed = {
      pattern,
      after: before ?? this.#status,
      received: index ?? Math.max(this.#headLines - 1, 0),
      detail,
      absent,
      unwritten,
    };
    return "failed";
  }

  #failAtBody(body: BodyMatcher): "failed" {
    const unmatched = this.#inResponse(body.unmatched());
    this.#failed =
      this.#coding === undefined
        ? unmatched
        : { ...unmatched, detail: `the body is encoded with "${this.#coding}", ${NOT_UNDONE}` };
    return "failed";
  }
}

const NOT_UNDONE = `which Node.js ${process.version} cannot decode`;
