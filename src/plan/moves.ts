/**
 * A transcript as moves of two parties. A move has no role: a player makes the moves of its own party and awaits the other's.
 */
import type { Part } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";

export type Party = "client" | "server";

export type Move = Say | Act | Pause;

interface Placed {
  /** The connection's name; empty for the unnamed one. */
  readonly on: string;
  /** The document's line. */
  readonly line: number;
}

/** Lines that one party says in one piece. Any can be matched; one with nothing left open can be sent. */
export interface Say extends Placed {
  readonly kind: "say";
  readonly by: Party;
  readonly lines: readonly LinePattern[];
  /** The say of the other party right above it: together they are an exchange. */
  readonly answers: Say | undefined;
  /** Whether no line holds a name, so that nothing has to be looked up. */
  readonly isKnown: boolean;
}

/** A say without lines, for what comes before any written line. */
export const nothingSaid = (on: string, line: number): Say => ({
  kind: "say",
  by: "client",
  on,
  line,
  lines: [],
  answers: undefined,
  isKnown: true,
});

/** `open` is `=== connect`; `close` by the server is `=== closed`. */
export interface Act extends Placed {
  readonly kind: "act";
  readonly by: Party;
  readonly act: "open" | "close" | "half-close" | "reset" | "starttls";
  /** The URL of `=== connect URL`. */
  readonly argument: readonly Part[];
}

/** `=== silence` is the server's, `=== wait` the client's. */
export interface Pause extends Placed {
  readonly kind: "pause";
  readonly by: Party;
  readonly duration: readonly Part[];
}

/** A player makes the moves of its own party and awaits the other's. A role is nothing else. */
export const isMine = (move: Move, role: Party): boolean => move.by === role;

/** What a party says first on a connection, from an index of the moves on. */
export const sayFrom = (moves: readonly Move[], from: number, by: Party, on: string): Say | undefined =>
  moves.find((move, i): move is Say => i >= from && move.kind === "say" && move.by === by && move.on === on);

/** The say of the other party right below a say. */
export const answerTo = (say: Say, next: Move | undefined): Say | undefined =>
  next?.kind === "say" && next.answers === say ? next : undefined;
