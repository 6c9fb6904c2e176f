/**
 * A written reply against the responses that come (format guide, section 8). Mostly that is one; interim ones may be
 * written before it, each with its headers, and are passed over where none of them matches.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { CaptureScope, type Scope } from "../../match/variables.ts";
import type { MatcherContext } from "../dialect.ts";
import { bodyLinesMatcher } from "./body.ts";
import { HttpCodec } from "./codec.ts";
import { ResponseMatcher } from "./response.ts";
import { isInterimResponse, writtenResponses } from "./written.ts";

/**
 * The matcher of a reply. One that does not begin with a status line goes on in a response that another reply began:
 * its lines are matched as they come.
 */
export function httpMatcher(expects: readonly LinePattern[], scope: Scope, context: MatcherContext): Matcher {
  const written = writtenResponses(expects);
  return written.length === 0
    ? new LinesOfResponse(expects, scope, context)
    : new ReplyMatcher(written, scope, context);
}

/** What is no part of a response: it neither matches a written line nor breaks a reply that is awaited. */
const isOutside = (part: string): boolean => part === "stray" || part === "cut";

/** The lines of a response as they come, head and all. */
class LinesOfResponse implements Matcher {
  readonly #lines: Matcher;
  readonly #hint: string;
  #progress: Progress;
  /** Within an interim response, which is passed over. */
  #isInterim = false;

  constructor(expects: readonly LinePattern[], scope: Scope, { unordered, codec }: MatcherContext) {
    this.#lines = bodyLinesMatcher(expects, scope, unordered, false);
    this.#hint = codec instanceof HttpCodec && codec.asks ? NO_STATUS_LINE : "";
    this.#progress = this.#lines.mayBeEmpty ? "open" : "more";
  }

  feed(line: ByteString, part: string): Progress {
    this.#isInterim = part === "interim";
    if (this.#isInterim) return this.#progress;
    if (isOutside(part)) return this.#progress === "open" ? "failed" : this.#progress;
    this.#progress = this.#lines.feed(line, part);
    return this.#progress;
  }

  endMessage(): Progress {
    if (!this.#isInterim) this.#progress = this.#lines.endMessage();
    this.#isInterim = false;
    return this.#progress;
  }

  end(): Progress {
    return this.#lines.end();
  }

  takes(line: ByteString, part: string): boolean {
    return this.#lines.takes(line, part);
  }

  get rest(): ByteString {
    return this.#lines.rest;
  }

  get mayBeEmpty(): boolean {
    return this.#lines.mayBeEmpty;
  }

  captures(): Captures {
    return this.#lines.captures();
  }

  unmatched(): Unmatched {
    const unmatched = this.#lines.unmatched();
    return this.#hint === "" || unmatched.detail !== "" ? unmatched : { ...unmatched, detail: this.#hint };
  }
}

const NO_STATUS_LINE =
  'the reply as written does not begin with a status line (for example "HTTP/1.1 200"), so every header counts as a line';

/** Interim responses that are written, in their order, and then the final one. */
class ReplyMatcher implements Matcher {
  readonly #interims: readonly (readonly LinePattern[])[];
  readonly #final: ResponseMatcher | undefined;
  readonly #scope: CaptureScope;
  readonly #context: MatcherContext;
  #progress: Progress = "more";
  /** How many of the written interim responses have come. */
  #matched = 0;
  /** The interim response that is coming. */
  #lines: ByteString[] = [];
  /** Lines that came, and how many of them before the present response. */
  #fed = 0;
  #before = 0;
  #bytesBefore = 0;
  /** Why the last interim response was none of those that are written. */
  #passedOver: Unmatched | undefined;
  #failed: Unmatched | undefined;
  readonly mayBeEmpty = false;

  constructor(written: readonly (readonly LinePattern[])[], scope: Scope, context: MatcherContext) {
    this.#scope = new CaptureScope(scope);
    this.#context = context;
    const final = isInterimResponse(written.at(-1)) ? undefined : written.at(-1);
    this.#final = final && new ResponseMatcher(final, this.#scope, context);
    this.#interims = final ? written.slice(0, -1) : written;
  }

  feed(line: ByteString, part: string): Progress {
    if (isOutside(part)) return this.#progress === "open" ? "failed" : this.#progress;
    this.#fed++;
    if (this.#progress === "failed") return this.#progress;
    if (part === "interim") {
      this.#lines.push(line);
      this.#bytesBefore += line.length;
    } else if (this.#matched < this.#interims.length && part === "head") this.#progress = this.#failAtFinal();
    else if (this.#final) this.#progress = this.#final.feed(line, part);
    return this.#progress;
  }

  /** The final response comes, and a written interim one has not. */
  #failAtFinal(): "failed" {
    const pattern = this.#interims[this.#matched]![0];
    const after = this.#interims[this.#matched - 1]?.at(-1);
    const received = this.#fed - 1;
    this.#failed = this.#passedOver ?? { pattern, after, received, detail: "" };
    return "failed";
  }

  endMessage(): Progress {
    if (this.#progress === "failed") return this.#progress;
    if (this.#lines.length === 0) this.#progress = this.#final?.endMessage() ?? this.#progress;
    else {
      this.#tryInterim();
      this.#before = this.#fed;
      this.#lines = [];
    }
    return this.#progress;
  }

  #tryInterim(): void {
    const written = this.#interims[this.#matched];
    if (!written) return;
    const scope = new CaptureScope(this.#scope);
    const matcher = new ResponseMatcher(written, scope, this.#context);
    for (const line of this.#lines) matcher.feed(line, "head");
    if (matcher.endMessage() === "done") {
      for (const [name, value] of scope.captured) this.#scope.captured.set(name, value);
      this.#matched++;
      this.#passedOver = undefined;
      if (!this.#final && this.#matched === this.#interims.length) this.#progress = "done";
      return;
    }
    const unmatched = matcher.unmatched();
    this.#passedOver = { ...unmatched, received: unmatched.received + this.#before };
    // The rest of the request waits for just this one: another of its kind is not on its way.
    if (this.#final || codeOf(written[0]!.source) !== codeOf(this.#lines[0]!)) return;
    this.#failed = this.#passedOver;
    this.#progress = "failed";
  }

  end(): Progress {
    return this.#final?.end() ?? this.#progress;
  }

  takes(line: ByteString, part: string): boolean {
    return part === "interim" || (this.#final?.takes(line, part) ?? false);
  }

  get rest(): ByteString {
    return this.#final?.rest ?? "";
  }

  captures(): Captures {
    return this.#final?.captures() ?? this.#scope.captured;
  }

  unmatched(): Unmatched {
    if (this.#failed) return this.#failed;
    if (this.#matched < this.#interims.length || !this.#final) {
      const pattern = this.#interims[this.#matched]?.[0];
      const after = this.#interims[this.#matched - 1]?.at(-1);
      return this.#passedOver ?? { pattern, after, received: this.#fed, detail: "" };
    }
    const unmatched = this.#final.unmatched();
    if (this.#before === 0) return unmatched;
    const { bytes, received } = unmatched;
    return {
      ...unmatched,
      received: received + this.#before,
      ...(bytes !== undefined && { bytes: bytes + this.#bytesBefore }),
    };
  }
}

/** The status code in a status line. */
const codeOf = (line: string): string => line.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
