/** A reply of which nothing is written: it takes what comes, and ends with its message, a close or silence. */
import type { Captures, Matcher, Progress, Unmatched } from "./matcher.ts";

const NO_CAPTURES: Captures = new Map();

export class UnwrittenReply implements Matcher {
  readonly mayBeEmpty: boolean;
  readonly rest = "";
  #hasCome = false;

  /** @param isOwed whether the protocol owes a reply, so that something has to come. */
  constructor(isOwed: boolean) {
    this.mayBeEmpty = !isOwed;
  }

  feed(): Progress {
    this.#hasCome = true;
    return "open";
  }

  endMessage(): Progress {
    return this.#hasCome || this.mayBeEmpty ? "open" : "more";
  }

  end(isTruncated = false): Progress {
    return this.endMessage() === "more" || isTruncated ? "more" : "done";
  }

  takes(): boolean {
    return false;
  }

  captures(): Captures {
    return NO_CAPTURES;
  }

  unmatched(): Unmatched {
    return { pattern: undefined, after: undefined, received: 0, detail: "" };
  }
}
