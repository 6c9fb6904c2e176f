import { toBytes } from "../../base/bytes.ts";
import type { RecordedConnection, Recorder } from "../recorder.ts";
import type { Conversation } from "./conversation.ts";

/** Says to a recorder what was recorded, in the order of time. */
export function feed(conversations: readonly Conversation[], recorder: Pick<Recorder, "connect" | "end">): void {
  const all = conversations.flatMap((of) =>
    of.steps.map((step, i) => ({ of, step, isLast: i === of.steps.length - 1 })),
  );
  all.sort((a, b) => a.step.at - b.step.at);
  const connections = new Map<Conversation, RecordedConnection>();
  for (const { of, step, isLast } of all) {
    const connection = connections.get(of) ?? recorder.connect();
    connections.set(of, connection);
    if (step.bytes === undefined) connection.ended(step.by, step.at);
    else if (step.isHeadOnly) connection.withoutBody(toBytes(step.bytes), step.at);
    else connection.bytes(step.by, toBytes(step.bytes), step.at);
    // Few recordings tell how a connection ends: it is over when nothing more is said.
    if (isLast) for (const by of ["client", "server"] as const) connection.ended(by, step.at);
  }
  recorder.end(all.at(-1)?.step.at ?? 0);
}
