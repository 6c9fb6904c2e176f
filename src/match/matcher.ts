import type { ByteString } from "../base/bytes.ts";
import type { LinePattern } from "./pattern.ts";

/**
 * Where a reply stands after what was fed so far:
 * `more`: lines are awaited; `open`: it is complete, but could go on; `done`: it is complete; `failed`: it cannot match any more.
 */
export type Progress = "more" | "open" | "done" | "failed";

/** Values that were captured, by name. */
export type Captures = ReadonlyMap<string, ByteString>;

/** Why a reply does not match: the written line, and a sentence. */
export interface Unmatched {
  /** The pattern that did not match or was awaited; undefined where every written line was matched and more came. */
  readonly pattern: LinePattern | undefined;
  /** The last written line that was matched; undefined where none was. */
  readonly after: LinePattern | undefined;
  /** How many received lines stood before the one that did not match. */
  readonly received: number;
  /** Where bytes are compared, how many stood before the one that did not match. */
  readonly bytes?: number;
  /** Whether the reply is complete and the line is not in it. */
  readonly absent?: boolean;
  /** Whether the detail is about a line that came and no written one speaks of. */
  readonly unwritten?: boolean;
  /** What is wrong beyond "differs": a wrong line ending, a JSON path, a missing header. Empty where the diff says it all. */
  readonly detail: string;
}

/**
 * The written lines of one reply, fed with the received ones a line at a time. A line is fed with its ending; a line
 * without one is a piece that came without LF so far, to which the next one fed belongs.
 */
export interface Matcher {
  /** `part` is the message's (see Message in dialects/dialect.ts). Once the answer was `done` or `failed` nothing more is fed. */
  feed(line: ByteString, part: string): Progress;
  /** A message of a dialect with framing is complete. */
  endMessage(): Progress;
  /**
   * Nothing more comes: the connection is closed, or silent. A `more` is final then. A line that was fed without its LF is
   * compared as it is: where no written line takes it, the answer is `failed`, with no `pattern` where the reply had been
   * complete. So it is called after what a codec holds back has been fed, also where the reply is `open`.
   * @param isTruncated the close cut a message off in its middle.
   */
  end(isTruncated?: boolean): Progress;
  /** Whether a written line other than `...` would take this one; changes nothing. */
  takes(line: ByteString, part: string): boolean;
  /** What of the last line fed lies beyond the reply, once that is `done`: the next line's beginning. */
  readonly rest: ByteString;
  /** Whether it could be complete without any line at all. */
  readonly mayBeEmpty: boolean;
  /** Whether the peer says the rest only once it is told to go on (`Expect: 100-continue`), and no written line tells it. */
  readonly awaitsLeave?: boolean;
  /** What was captured on the way to `open` or `done`. */
  captures(): Captures;
  /** Why it is `failed`, or what is awaited while it is `more`. */
  unmatched(): Unmatched;
}
