/** Written lines that do not begin a message: they go on in one that came in part before, and are matched as they come. */
import type { ByteString } from "../../base/bytes.ts";
import type { Captures, Matcher, Progress, Unmatched } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import type { Scope } from "../../match/variables.ts";
import type { ReadingContext } from "../dialect.ts";
import { bodyLinesMatcher } from "./body.ts";
import { wrongEnding } from "./head-matcher.ts";

/** What is no part of a message: it neither matches a written line nor breaks a message that is awaited. */
export const isOutside = (part: string): boolean => part === "stray" || part === "cut";

export class LinesMatcher implements Matcher {
  readonly #lines: Matcher;
  readonly #context: ReadingContext;
  /** What to say of a line that differs. */
  readonly #hint: string;
  #progress: Progress;
  /** Within an interim response, which is passed over. */
  #isInterim = false;
  #fed = 0;
  #failed: Unmatched | undefined;

  constructor(expects: readonly LinePattern[], scope: Scope, context: ReadingContext, hint: string) {
    this.#lines = bodyLinesMatcher(expects, scope, context.unordered, false);
    this.#context = context;
    this.#hint = hint;
    this.#progress = this.#lines.mayBeEmpty ? "open" : "more";
  }

  feed(line: ByteString, part: string): Progress {
    this.#isInterim = part === "interim";
    const detail = part === "body" || isOutside(part) ? undefined : wrongEnding(line, this.#context.eol);
    if (detail !== undefined) {
      const { pattern, after } = this.#lines.unmatched();
      this.#failed = { pattern, after, received: this.#fed, detail, unwritten: true };
      this.#progress = "failed";
    }
    this.#fed++;
    if (this.#isInterim || this.#failed) return this.#progress;
    if (isOutside(part)) return this.#progress === "open" ? "failed" : this.#progress;
    this.#progress = this.#lines.feed(line, part);
    return this.#progress;
  }

  endMessage(): Progress {
    if (!this.#isInterim && !this.#failed) this.#progress = this.#lines.endMessage();
    this.#isInterim = false;
    return this.#progress;
  }

  end(): Progress {
    return this.#failed ? "failed" : this.#lines.end();
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
    const unmatched = this.#failed ?? this.#lines.unmatched();
    return this.#hint === "" || unmatched.detail !== "" ? unmatched : { ...unmatched, detail: this.#hint };
  }
}
