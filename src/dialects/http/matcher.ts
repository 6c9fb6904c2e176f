/**
 * A written reply against the responses that come (format guide, section 8). Mostly that is one; interim ones may be
 * written before it, each with its headers, and are passed over where none of them matches.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { CaptureScope, type Scope } from "../../match/variables.ts";
import type { ReadingContext } from "../dialect.ts";
import { REQUEST, RESPONSE, wrongEnding } from "./head-matcher.ts";
import { isOutside, LinesMatcher } from "./lines-matcher.ts";
import { MessageMatcher } from "./message-matcher.ts";
import { beginsRequest, isInterimResponse, namesEndings, writtenResponses } from "./written.ts";

/**
 * The matcher of a reply. One that does not begin with a status line goes on in a response that another reply began:
 * its lines are matched as they come.
 */
export function responseMatcher(expects: readonly LinePattern[], scope: Scope, context: ReadingContext): Matcher {
  const written = writtenResponses(expects);
  return written.length === 0
    ? new LinesMatcher(expects, scope, context, context.isAnswer ? NO_STATUS_LINE : "")
    : new ReplyMatcher(written, scope, context);
}

/** The matcher of a request. Lines that do not begin with a request line go on in one that came in part before. */
export function requestMatcher(expects: readonly LinePattern[], scope: Scope, context: ReadingContext): Matcher {
  return beginsRequest(expects)
    ? new MessageMatcher(expects, REQUEST, new CaptureScope(scope), context)
    : new LinesMatcher(expects, scope, context, "");
}

const NO_STATUS_LINE =
  'the reply as written does not begin with a status line (for example "HTTP/1.1 200"), so every header counts as a line';

/** Interim responses that are written, in their order, and then the final one. */
class ReplyMatcher implements Matcher {
  readonly #written: readonly (readonly LinePattern[])[];
  readonly #interims: readonly (readonly LinePattern[])[];
  readonly #final: MessageMatcher | undefined;
  /** Where no written line names an ending, `eol` holds for responses that are passed over too. */
  readonly #namesEndings: boolean;
  readonly #scope: CaptureScope;
  readonly #context: ReadingContext;
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

  constructor(written: readonly (readonly LinePattern[])[], scope: Scope, context: ReadingContext) {
    this.#written = written;
    this.#scope = new CaptureScope(scope);
    this.#context = context;
    const final = isInterimResponse(written.at(-1)) ? undefined : written.at(-1);
    this.#final = final && new MessageMatcher(final, RESPONSE, this.#scope, context);
    this.#namesEndings = namesEndings(written);
    this.#interims = final ? written.slice(0, -1) : written;
  }

  feed(line: ByteString, part: string): Progress {
    if (isOutside(part)) return this.#progress === "open" ? "failed" : this.#progress;
    this.#fed++;
    if (this.#progress === "failed") return this.#progress;
    if (part === "interim") {
      const detail = this.#namesEndings ? undefined : wrongEnding(line, this.#context.eol);
      if (detail !== undefined) this.#progress = this.#failAtInterim({ detail, unwritten: true });
      this.#lines.push(line);
      this.#bytesBefore += line.length;
    } else if (this.#matched < this.#interims.length && isFinal(part))
      this.#progress = this.#failAtInterim({ detail: "" });
    else if (this.#final) this.#progress = this.#final.feed(line, part);
    return this.#progress;
  }

  /** Fails at the interim response that is awaited, or else at the final one. */
  #failAtInterim(why: Pick<Unmatched, "detail" | "unwritten">): "failed" {
    const pattern = (this.#interims[this.#matched] ?? this.#written.at(-1))?.[0];
    const after = this.#interims[this.#matched - 1]?.at(-1);
    const unmatched = { pattern, after, received: this.#fed - 1, ...why };
    this.#failed = why.detail === "" ? (this.#passedOver ?? unmatched) : unmatched;
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
    const matcher = new MessageMatcher(written, RESPONSE, scope, this.#context);
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

  end(isTruncated = false): Progress {
    return this.#final?.end(isTruncated) ?? this.#progress;
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

const isFinal = (part: string): boolean => part === "head" || part === "upgrade";

/** The status code in a status line. */
const codeOf = (line: string): string => line.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
