/** A client that says the rest of its request only once it is told to. */
import type { Conversation } from "./conversation.ts";

/** Tells a client to go on that awaits it. */
export function giveLeave(conversation: Conversation): void {
  const place = { ending: "\r\n", endingWritten: false, line: conversation.lastUser?.line ?? 0, column: 1 } as const;
  conversation.answer((conversation.reading?.leave ?? []).map((bytes) => ({ bytes, ...place })));
}
