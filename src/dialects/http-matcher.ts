/**
 * A written reply against the responses that come (format guide, section 8). Mostly that is one; interim ones may be
 * written before it, each with its headers.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { CaptureScope, type Scope } from "../match/variables.ts";
import type { MatcherContext } from "./dialect.ts";
import { bodyLinesMatcher } from "./http-body.ts";
import { ResponseMatcher } from "./http-response.ts";
import { writtenResponses } from "./http-written.ts";

/**
 * The matcher of a reply. One that does not begin with a status line goes on in a response that another reply began:
 * its lines are matched as they come.
 */
export function httpMatcher(expects: readonly LinePattern[], scope: Scope, context: MatcherContext): Matcher {
  // Nothing can come before a status line: a blank line there is layout.
  const first = expects.findIndex(({ source, marked }) => source !== "" || marked);
  const written = writtenResponses(expects.slice(Math.max(first, 0)));
  if (written.length === 0) return bodyLinesMatcher(expects, scope, context.unordered, false);
  const captures = new CaptureScope(scope);
  const responses = written.map((lines) => new ResponseMatcher(lines, captures, context));
  return responses.length === 1 ? responses[0]! : new SequenceMatcher(responses);
}

/** Responses one after the other, each a message of its own. */
class SequenceMatcher implements Matcher {
  readonly #responses: readonly ResponseMatcher[];
  #at = 0;
  /** Lines of the responses before the present one, and of that. */
  #before = 0;
  #fed = 0;
  readonly mayBeEmpty = false;

  constructor(responses: readonly ResponseMatcher[]) {
    this.#responses = responses;
  }

  get #response(): ResponseMatcher {
    return this.#responses[this.#at]!;
  }

  feed(line: ByteString, part: string): Progress {
    this.#fed++;
    return this.#response.feed(line, part);
  }

  endMessage(): Progress {
    const progress = this.#response.endMessage();
    if (progress !== "done" || this.#at === this.#responses.length - 1) return progress;
    this.#at++;
    this.#before += this.#fed;
    this.#fed = 0;
    return "more";
  }

  end(): Progress {
    return this.#response.end();
  }

  takes(line: ByteString, part: string): boolean {
    return this.#response.takes(line, part);
  }

  get rest(): ByteString {
    return this.#response.rest;
  }

  captures(): Captures {
    return this.#response.captures();
  }

  unmatched(): Unmatched {
    const unmatched = this.#response.unmatched();
    return { ...unmatched, received: unmatched.received + this.#before };
  }
}
