/** What came beyond the last reply on a connection, taken without waiting. */
import type { ByteString } from "../base/bytes.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Conversation } from "./conversation.ts";

const NO_LINES: readonly ByteString[] = [];

/**
 * Takes what came, or what more of it may come; a reply that may go on takes what it matches. Replies that a later exchange
 * could still ask for are left.
 * @returns the lines that are too much.
 */
export function takeExtra(conversation: Conversation): readonly ByteString[] {
  const { incoming, anytime, waiting } = conversation;
  const { arrivals } = incoming;
  waiting.takeUp();
  if (!anytime.watches) incoming.flush("silence");
  if (arrivals.isEmpty) return takeUnfinished(conversation);
  const extra: ByteString[] = [];
  /** What an open reply was fed of a line that has no LF so far. */
  let unfinished: ByteString[] = [];
  arrivals.ledger.isRead = conversation.openReply !== undefined;
  for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
    const { line, part, last } = arrival;
    arrivals.take();
    const { openReply } = conversation;
    const ordinary =
      line === undefined
        ? NO_LINES
        : anytime.watches
          ? anytime.offer(line, openReply?.takes(line, part) ?? false)
          : [line];
    for (const one of ordinary) {
      const progress = conversation.openReply?.feed(one, part);
      if (progress === undefined || progress === "failed") {
        extra.push(...unfinished, one);
        unfinished = [];
      } else if (one.endsWith("\n")) {
        goOn(conversation, [...unfinished, one]);
        unfinished = [];
      } else unfinished.push(one);
      if (progress !== "open") closeReply(conversation);
    }
    if (last && conversation.openReply?.endMessage() !== "open") closeReply(conversation);
    arrivals.ledger.isRead = conversation.openReply !== undefined;
  }
  arrivals.ledger.isRead = false;
  if (unfinished.length > 0 && conversation.openReply?.end() === "failed") {
    closeReply(conversation);
    extra.push(...unfinished);
  } else if (unfinished.length > 0) goOn(conversation, unfinished);
  return extra;
}

/** The last reply does not go on; one that was skipped stays excused. */
function closeReply(conversation: Conversation): void {
  if (conversation.openReply) conversation.settle();
}

/** What the last reply was fed, as it came, of a line that no written one takes without its LF. */
function takeUnfinished(conversation: Conversation): readonly ByteString[] {
  const { lastUser, openReply } = conversation;
  if (!openReply || !lastUser || lastUser.failed || !lastUser.expects.some(({ ending }) => ending === "none"))
    return NO_LINES;
  const received = lastUser.received.join("");
  if (received === "" || received.endsWith("\n") || openReply.end() !== "failed") return NO_LINES;
  conversation.settle();
  const { bytes = received.length } = openReply.unmatched();
  lastUser.received = [received.slice(0, bytes)];
  return [received.slice(bytes)];
}

/** The last reply goes on with these lines. */
function goOn({ lastUser, openReply }: Conversation, lines: readonly ByteString[]): void {
  if (!lastUser || lastUser.failed) return;
  for (const line of lines) lastUser.receive(line);
  lastUser.matched = openReply?.unmatched().after ?? lastUser.matched;
}

/** An example is tried again: what came of it, and will come, is of no interest. */
export function startOver(conversation: Conversation, example: PlannedExample): void {
  takeExtra(conversation);
  conversation.incoming.arrivals.ledger.drop((sender) => sender.example === example);
}
