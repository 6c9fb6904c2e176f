/** What is found on a connection between replies: output that no reply takes, and a close that is not in the document. */
import type { ByteString } from "../base/bytes.ts";
import type { Conversation } from "./conversation.ts";
import { takeExtra } from "./extra.ts";
import type { Note } from "./note.ts";
import { extraMessage } from "./verdict.ts";

const NOTHING: readonly ByteString[] = [];
const UNFINISHED = "unexpected: the beginning of another reply, without its end";

/** Called where a note of another example fails: an opening's failure is shown with the example that it fails. */
export type Include = (note: Note) => void;

const IGNORE: Include = () => {};

/** Looks for output beyond the last reply, without waiting. */
export function checkExtra(conversation: Conversation, include: Include = IGNORE): void {
  if (!conversation.waiting.hasSurplus) check(conversation, "between", include);
}

/** The same before a client line: nobody asks any more for lines beyond a reply that differs. */
export const checkBeforeSay = (conversation: Conversation, include: Include = IGNORE): void =>
  check(conversation, "before a say", include);

/** The same at the end of the connection: nobody asks for the replies that were left open. */
export const checkEnd = (conversation: Conversation, include: Include = IGNORE): void =>
  check(conversation, "end", include);

function check(conversation: Conversation, when: "between" | "before a say" | "end", include: Include): void {
  const { lastUser: user, waiting, incoming } = conversation;
  if (!user) return;
  const isEnd = when === "end";
  waiting.showSurplus(true);
  const extra = takeExtra(conversation);
  const { framingError } = incoming;
  if (isEnd) for (const { sender = user, lines } of incoming.arrivals.takeUnasked()) failExtra(sender, lines, include);
  if (conversation.state.kind === "excused") return;
  const { hiddenExtra } = conversation;
  if (extra.length > 0) failExtra(user, extra, include);
  else if (framingError && !user.failed) {
    user.unreadable = incoming.unreadable;
    user.fail("extra", user.lineOfExtra, `unexpected data after the reply: ${framingError.message}`);
    if (user.example.role === "opening") include(user);
  } else if (isEnd && hiddenExtra !== "") {
    user.unreadable ||= hiddenExtra;
    failExtra(user, NOTHING, include, user.lineOfExtra, () => UNFINISHED);
  }
}

/** Notes output that no reply takes; a failed reply shows it, too. */
export function failExtra(
  note: Note,
  extra: readonly ByteString[],
  include: Include = IGNORE,
  line: number = note.lineOfExtra,
  say: (extra: readonly ByteString[]) => string = (all) => extraMessage(all, note),
): void {
  note.received = note.received.concat(extra);
  note.extra.push(...extra);
  if (note.failed) return;
  note.fail("extra", line, { later: () => say(note.extra) });
  if (note.example.role === "opening") include(note);
}
