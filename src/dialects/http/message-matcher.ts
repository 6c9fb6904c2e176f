import type { ByteString } from "../../base/bytes.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import type { CaptureScope } from "../../match/variables.ts";
import type { ReadingContext } from "../dialect.ts";
import { BodyMatcher } from "./body.ts";
import { areChunksOpen, dataOfChunks } from "./chunked.ts";
import { codingsOf } from "./content.ts";
import { HeadMatcher, type MessageForm } from "./head-matcher.ts";
import { type HeaderProblem, isEventStream, tokensOf } from "./headers.ts";
import { isOutside } from "./lines-matcher.ts";
import { isEmptyLine } from "./written.ts";

/**
 * One written message against one received: the first line, the headers among those that came, trailers included,
 * and the body where one is written. It ends with the message; where only silence or the peer could tell its end, it is
 * `open` once everything written was there, and of a stream of events it takes no more than its own lines.
 */
export class MessageMatcher implements Matcher {
  readonly #head: HeadMatcher;
  /** The written body; undefined where none is, and any will do. */
  readonly #written: readonly LinePattern[] | undefined;
  /** The mark in the place of a body that has to be empty. */
  readonly #emptyMark: LinePattern | undefined;
  readonly #form: MessageForm;
  readonly #scope: CaptureScope;
  readonly #context: ReadingContext;

  #phase: "start" | "headers" | "body" | "ended" = "start";
  #progress: Progress = "more";
  /** Lines fed, and how many of them came before the body. */
  #lines = 0;
  #headLines = 0;
  #headBytes = 0;
  #body: BodyMatcher | undefined;
  /** The length of the body is known, so its end will show. */
  #sized = false;
  /** Lines of another protocol follow the head. */
  #isTunnel = false;
  /** The body of a request with the lines around its chunks, where only its data is compared. */
  #chunks: ByteString | undefined;
  /** The client awaits 100 Continue before it sends the body that is written. */
  awaitsLeave = false;
  /** A coding of the body that cannot be undone. */
  #coding: string | undefined;
  #failed: Unmatched | undefined;
  readonly mayBeEmpty = false;

  constructor(message: readonly LinePattern[], form: MessageForm, scope: CaptureScope, context: ReadingContext) {
    const empty = message.findIndex(isEmptyLine);
    const body = message.slice(empty < 0 ? message.length : empty + 1);
    const mark = body.length === 0 ? message[empty] : body.length === 1 ? body[0] : undefined;
    this.#head = new HeadMatcher(message, form, scope, context);
    this.#emptyMark = mark?.source === "" && mark.marked ? mark : undefined;
    this.#written = body.length > 0 && !this.#emptyMark ? body : undefined;
    this.#form = form;
    this.#scope = scope;
    this.#context = context;
  }

  feed(line: ByteString, part: string): Progress {
    // What breaks the rules of HTTP is no line of the message: the reason is told.
    if (isOutside(part)) return this.#progress === "open" ? "failed" : this.#progress;
    if (this.#phase === "start" || this.#phase === "headers") this.#headBytes += line.length;
    if (this.#progress !== "failed") this.#progress = this.#take(line, part);
    this.#lines++;
    return this.#progress;
  }

  #take(line: ByteString, part: string): Progress {
    switch (this.#phase) {
      case "start": {
        const isHead = part === "head" || part === "upgrade";
        const wrong = isHead ? this.#head.takeStart(line) : "";
        if (wrong !== undefined) return this.#fail(this.#head.start, undefined, 0, wrong);
        this.#phase = "headers";
        this.#isTunnel = part === "upgrade";
        return "more";
      }
      case "headers":
        if (line === "\r\n" || line === "\n") return this.#endHead(line);
        this.#head.add(line, this.#lines);
        return "more";
      case "body":
        this.awaitsLeave = false;
        if (part === "trailer") {
          this.#head.add(line, this.#lines);
          return this.#progress;
        }
        if (this.#chunks === undefined) return this.#takeBody(line);
        this.#chunks += line;
        return this.#progress;
      case "ended":
        this.#failed = this.unmatched();
        return "failed";
      default:
        return this.#phase satisfies never;
    }
  }

  #endHead(empty: ByteString): Progress {
    this.#phase = "body";
    this.#headLines = this.#lines + 1;
    const headers = this.#head.values;
    this.#sized = !this.#isTunnel && headers.has("content-length");
    const live = !this.#sized && isEventStream(headers);
    if (this.#written) this.#coding = codingsOf(headers).unknown;
    const problem = this.#head.end(empty, this.#lines);
    if (problem) return this.#failAtHeader(problem);
    const { missing } = this.#head;
    if (this.#form.subject === "request" && areChunksOpen(this.#head.headers, headers.get("transfer-encoding")))
      this.#chunks = "";
    const chunked = /chunked$/i.test(headers.get("transfer-encoding") ?? "");
    // A stream of events may have no end: only trailers that are announced are worth waiting for.
    const trailers = live ? headers.has("trailer") : chunked;
    if (missing && !trailers) return this.#failAtHeader(missing);
    if (this.#written)
      this.#body = new BodyMatcher(this.#written, this.#scope, this.#context.unordered, live || this.#isTunnel);
    // A client that awaits 100 Continue sends no more until it is answered.
    const isAwaited = tokensOf(headers.get("expect")).includes("100-continue");
    const asks = isAwaited && this.#form.subject === "request";
    if ((live || asks) && !missing && (!this.#body || this.#body.mayBeEmpty)) return "open";
    this.awaitsLeave = asks;
    return "more";
  }

  #takeBody(line: ByteString): Progress {
    if (this.#emptyMark) return this.#fail(this.#emptyMark, this.#lastWritten(), this.#lines, "the body is not empty");
    return this.#body ? this.#feedBody(this.#body, line) : this.#progress;
  }

  #feedBody(body: BodyMatcher, line: ByteString): Progress {
    const progress = body.feed(line);
    if (progress === "failed") return this.#failAtBody(body);
    return this.#sized || this.#head.missing ? "more" : progress;
  }

  endMessage(): Progress {
    if (this.#phase === "ended" || this.#progress === "failed") return this.#progress;
    // It is the end of a response that was read in part before.
    if (this.#phase === "start") return "more";
    if (this.#isTunnel && this.#body) return this.#body.mayBeEmpty ? "open" : "more";
    for (const line of linesOf(dataOfChunks(this.#chunks ?? "")))
      if (this.#takeBody(line) === "failed") {
        this.#progress = "failed";
        return this.#progress;
      }
    this.#phase = "ended";
    const end = this.#body?.finish() ?? "done";
    this.#keepBody();
    const problem = this.#head.compare() ?? this.#head.missing;
    if (problem) this.#progress = this.#failAtHeader(problem);
    else this.#progress = end === "failed" ? this.#failAtBody(this.#body!) : end;
    return this.#progress;
  }

  end(isTruncated = false): Progress {
    if (this.#progress !== "open") return this.#progress;
    if (isTruncated) return "more";
    const end = this.#body?.finish() ?? "done";
    return end === "failed" ? this.#failAtBody(this.#body!) : end;
  }

  #keepBody(): void {
    for (const [name, value] of this.#body?.captures() ?? []) this.#scope.captured.set(name, value);
  }

  takes(line: ByteString, part: string): boolean {
    switch (this.#phase) {
      case "start":
        return (part === "head" || part === "upgrade") && this.#head.matchesStart(line);
      case "headers":
        return (part === "head" || part === "upgrade") && this.#head.takes(line);
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
    const { start, headers, missing } = this.#head;
    if (this.#phase === "start") return { pattern: start, after: undefined, received, detail: "" };
    if (this.#phase === "headers") return { pattern: headers[0], after: start, received, detail: "" };
    if (missing) return { pattern: missing.pattern, after: start, received, detail: missing.detail };
    const body = this.#body && this.#inMessage(this.#body.unmatched());
    if (body?.pattern) return body;
    return {
      pattern: undefined,
      after: this.#lastWritten(),
      received,
      detail: `the ${this.#form.subject} is not complete`,
    };
  }

  /** The last line of what was matched before the body. */
  #lastWritten(): LinePattern {
    return this.#written?.at(-1) ?? this.#lastOfHead();
  }

  #lastOfHead(): LinePattern {
    return this.#head.headers.at(-1) ?? this.#head.start;
  }

  #inMessage(unmatched: Unmatched): Unmatched {
    const after = unmatched.after ?? this.#lastOfHead();
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
    const { start, headers } = this.#head;
    const before = pattern && headers[headers.indexOf(pattern) - 1];
    this.#failed = {
      pattern,
      after: before ?? start,
      received: index ?? Math.max(this.#headLines - 1, 0),
      detail,
      absent,
      unwritten,
    };
    return "failed";
  }

  #failAtBody(body: BodyMatcher): "failed" {
    const found = this.#inMessage(body.unmatched());
    // No line of it came as it is compared.
    const unmatched = this.#chunks === undefined || !found.pattern ? found : { ...found, received: this.#lines };
    this.#failed =
      this.#coding === undefined
        ? unmatched
        : { ...unmatched, detail: `the body is encoded with "${this.#coding}", ${NOT_UNDONE}` };
    return "failed";
  }
}

const linesOf = (text: ByteString): readonly ByteString[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const NOT_UNDONE = `which Node.js ${process.version} cannot decode`;
