/**
 * Acts and pauses: `=== close` and its like (format guide, section 6). One's own are done, the other party's are awaited.
 * What they find counts to the exchange above them.
 */
import { decodeText } from "../base/bytes.ts";
import { formatDuration, parseDuration } from "../base/duration.ts";
import { type Act, isMine, type Move, type Party, type Pause } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import { CloseHearing } from "./closing.ts";
import type { Connections, NoConnection } from "./connections.ts";
import type { Conversation } from "./conversation.ts";
import { takeExtra } from "./extra.ts";
import { checkBeforeSay, checkEnd, checkExtra, failExtra } from "./findings.ts";
import type { Note } from "./note.ts";
import type { Host } from "./port.ts";
import type { Script } from "./script.ts";
import { extraMessage } from "./verdict.ts";

/** How much later than it was sent a client may read something, in milliseconds. */
const LONGEST_LAG = 500;

/** What acts need of the play that they are part of. */
export interface Stage {
  readonly role: Party;
  readonly host: Host;
  readonly connections: Connections;
  readonly variables: Variables;
  readonly example: PlannedExample;
  /** The next move that is no pause. */
  readonly upcoming: Move | undefined;
  include(note: Note): void;
  /** The exchange that an act at this line counts to: the one above it. */
  noteAbove(move: Act | Pause): Note;
  connectionFor(note: Note, on: string, line: number): Script<Conversation | undefined>;
  /** Notes why there is no connection. */
  noConnection(note: Note, why: NoConnection): void;
  /** The server has closed a connection, and the document does not say so. */
  lose(conversation: Conversation, note: Note, line: number): void;
  pause(ms: number): Script<void>;
}

/** @returns whether the example can go on. */
export function* playAct(stage: Stage, move: Act | Pause): Script<boolean> {
  const { connections, example, role, variables } = stage;
  const argument = argumentOf(move, variables);
  if (argument === undefined) {
    const sentence = `a name in "=== ${verbOf(move)}" has no value: the reply that would have bound it was not matched`;
    stage.noteAbove(move).fail("unbound", move.line, sentence);
    return true;
  }
  const include = (note: Note): void => stage.include(note);
  if (move.kind === "pause" && role === "server") {
    yield* stage.pause(msOfServer(stage, move, parseDuration(argument) ?? 0));
    return true;
  }
  if (move.kind === "pause" && isMine(move, role)) {
    const open = connections.current(move.on, example);
    if (open) checkExtra(open, include);
    yield* stage.pause(parseDuration(argument) ?? 0);
    return true;
  }
  if (move.kind === "act" && move.act === "open") return yield* connect(stage, move, argument);
  const open =
    connections.current(move.on, example, true) ??
    (yield* stage.connectionFor(stage.noteAbove(move), move.on, move.line));
  if (!open) return false;
  const isLast = move.kind === "act" && isMine(move, role) && (move.act === "close" || move.act === "reset");
  if (role === "client" || isLast) (isLast ? checkEnd : checkExtra)(open, include);
  const isAwaitedEnd = move.kind === "act" && !isMine(move, role);
  if (open.isLost && !isLast && !isAwaitedEnd) {
    stage.lose(open, stage.noteAbove(move), move.line);
    return false;
  }
  if (move.kind === "pause")
    return yield* silence(stage, move, open, stage.noteAbove(move), parseDuration(argument) ?? 0);
  if (move.act === "starttls") return yield* starttls(stage, move, open, stage.noteAbove(move));
  if (isAwaitedEnd) return yield* closed(stage, move, open, stage.noteAbove(move));
  if (move.act === "half-close") open.port.act("half-close");
  else connections.forget(open, move.act === "reset" ? "reset" : "close");
  return true;
}

/**
 * How long a server pauses, in milliseconds. What it says next must not come before the client, which reads later, has
 * looked for extra output or has heard its silence; what the client says next ends its own pause.
 */
function msOfServer({ example, upcoming }: Stage, { by }: Pause, ms: number): number {
  if (upcoming?.by === "server") return ms + Math.min(LONGEST_LAG, example.settings.timeout / 4);
  return by === "server" ? ms : 0;
}

function argumentOf(move: Act | Pause, variables: Variables): string | undefined {
  const parts = move.kind === "act" ? move.argument : move.duration;
  return parts.length === 0 ? "" : variables.evaluate(parts);
}

/** The word that the document has for it. */
function verbOf(move: Act | Pause): string {
  if (move.kind === "pause") return move.by === "server" ? "silence" : "wait";
  if (move.act === "open") return "connect";
  return move.act === "close" && move.by === "server" ? "closed" : move.act;
}

function* connect(stage: Stage, move: Act, argument: string): Script<boolean> {
  const { connections, example } = stage;
  const open = connections.current(move.on, example, true);
  if (open) {
    checkEnd(open, (note) => stage.include(note));
    connections.forget(open);
  }
  const opened = yield* connections.connect(move.on, example, move.line, decodeText(argument) || undefined);
  if (!("failed" in opened)) return true;
  stage.noConnection(stage.noteAbove(move), opened.failed);
  return false;
}

/** Names the connection of an act that counts to an exchange on another one. */
function elsewhere({ name }: Conversation, { on }: Note): string {
  if (name === on) return "";
  return name === "" ? "on the unnamed connection: " : `on ${name}: `;
}

/** Waits for the other side to close, no longer than `timeout`. */
function* closed(stage: Stage, move: Act, open: Conversation, note: Note): Script<boolean> {
  const { timeout } = stage.example.settings;
  const closing = new CloseHearing(open, timeout, false);
  closing.start();
  while (!closing.hasEnded) yield;
  checkEnd(open, (one) => stage.include(one));
  if (!closing.isClosed) {
    const sentence = `the ${note.peer.name} did not ${move.act === "half-close" ? "half-close" : "close"} the connection within ${formatDuration(timeout)}`;
    note.fail("not-closed", move.line, `${elsewhere(open, note)}${sentence}`);
  } else if (move.act === "half-close") {
    open.incoming.goOn();
    return true;
  }
  stage.connections.forget(open);
  return true;
}

function* silence(stage: Stage, { line }: Pause, open: Conversation, note: Note, ms: number): Script<boolean> {
  const include = (one: Note): void => stage.include(one);
  if (open.openReply) open.settle();
  checkBeforeSay(open, include);
  yield* stage.pause(ms);
  const { incoming } = open;
  const extra = [...takeExtra(open), ...incoming.arrivals.takeUnasked().flatMap(({ lines }) => lines)];
  // Where a dialect opens a closed connection anew, a close is still not silence.
  const isLost = open.isLost || (incoming.closed && !incoming.framingError && !incoming.isOver);
  if (isLost) stage.connections.forget(open);
  const on = elsewhere(open, note);
  const { hiddenExtra } = open;
  if (extra.length > 0) failExtra(note, extra, include, line, (all) => `${on}${extraMessage(all, note)}`);
  else if (hiddenExtra !== "") {
    note.unreadable ||= hiddenExtra;
    note.fail("extra", line, `${on}unexpected: the beginning of a reply, without its end`);
  } else if (incoming.framingError) {
    note.unreadable ||= incoming.unreadable;
    note.fail("extra", line, `${on}unexpected data: ${incoming.framingError.message}`);
  } else if (isLost)
    note.fail(
      "closed",
      line,
      `${on}the ${note.peer.name} closed the connection within the ${formatDuration(ms)} of silence`,
    );
  return !isLost;
}

function* starttls(stage: Stage, { line }: Act, open: Conversation, note: Note): Script<boolean> {
  const securing = stage.host.secure(open.port, stage.example, open.dialect);
  while (securing.value === undefined) yield;
  const outcome = securing.value;
  if (!("refused" in outcome)) {
    open.incoming.renew(outcome);
    return true;
  }
  note.fail("protocol", line, `${elsewhere(open, note)}the connection did not turn to TLS: ${outcome.refused}`);
  stage.connections.forget(open);
  return false;
}
