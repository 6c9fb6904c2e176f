/** What only a server has to know of an exchange: the other party comes and goes as it likes. */
import type { Move, Say } from "../plan/moves.ts";
import type { Conversation } from "./conversation.ts";
import type { Note } from "./note.ts";
import type { ReplyReader } from "./reply-reader.ts";

/** Whether the client closed without a word where that means nothing: it never spoke, or HTTP opens another connection. */
export function wasLeft(
  { role, incoming, dialect }: Conversation,
  { example }: Note,
  reader: ReplyReader | undefined,
  isReused: boolean,
): boolean {
  if (role !== "server" || reader?.end !== "closed" || reader.received.length > 0) return false;
  if (incoming.byteCount > 0 || incoming.closeError) return false;
  return example.role !== "opening" && (!isReused || dialect.reopens === true);
}

/** What a server goes on to say by itself after its answer, which may belong to the same message. */
export function restOfMessage(moves: readonly Move[], from: number, on: string): Say | undefined {
  const next = moves.slice(from).find((move) => move.on === on && move.kind !== "pause");
  return next?.kind === "say" && next.by === "server" ? next : undefined;
}
