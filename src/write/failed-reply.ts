/** A reply that is not as written, as far as it is needed to write it anew. */
import type { ByteString } from "../base/bytes.ts";
import type { ReadingContext, ReceivedLine } from "../dialects/dialect.ts";
import type { Scope } from "../match/variables.ts";
import { optionsOf } from "../plan/settings.ts";
import type { Note } from "../play/note.ts";
import type { ReplyStyle } from "./reply.ts";

export interface FailedReply {
  readonly note: Note;
  /** The values of names when the reply was awaited. */
  readonly scope: Scope;
  readonly style: ReplyStyle;
  /** The names that it has to bind, as later lines use them. */
  readonly needed: ReadonlySet<string>;
}

export const contextOf = ({ example, sends }: Note): ReadingContext => ({
  eol: example.settings.eol,
  unordered: example.settings.unordered,
  options: optionsOf(example.dialect, example.settings),
  isAnswer: sends.length > 0,
});

export const receivedLines = ({ received, parts }: Note): readonly ReceivedLine[] =>
  received.map((line, i) => ({ line, part: parts[i] ?? "" }));

/** What came, cut after each LF. */
export const wholeLines = (received: readonly ByteString[]): readonly ByteString[] =>
  received.join("").match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Without headers, and without the empty line after them where no body follows. */
export function withoutHeaders(received: readonly ReceivedLine[]): readonly ReceivedLine[] {
  const hasBody = received.some(({ part }) => part === "body");
  let isFirst = true;
  return received.filter(({ line, part }) => {
    if (part !== "head") return part !== "trailer" && part !== "interim";
    const isStart = isFirst;
    isFirst = false;
    return isStart || (hasBody && /^\r?\n$/.test(line));
  });
}
