/** What plays and exchanges need of what is around them. */
import type { OutgoingLine } from "../dialects/codec.ts";
import type { Captures } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Party } from "../plan/moves.ts";
import type { Variables } from "../plan/variables.ts";
import type { Connections } from "./connections.ts";
import type { Note } from "./note.ts";
import type { Host } from "./port.ts";
import type { Runner, Script } from "./script.ts";

/** The lines that a say sends; undefined where one gets too long. */
export type Invent = (say: readonly LinePattern[], note: Note) => readonly OutgoingLine[] | undefined;

export interface ExchangeContext {
  readonly role: Party;
  readonly runner: Runner;
  readonly host: Pick<Host, "onCapture">;
  readonly variables: Variables;
  /** Makes lines to send of written ones that leave something open; undefined: only names may be open, and have a value. */
  readonly invent?: Invent | undefined;
  /** What a passed reply said is wanted by a report. */
  readonly keepReplies: boolean;
  /** Looks at a reply that is not as written. @returns what it captures once its lines are written anew (`--update`). */
  readonly amend?: ((note: Note) => Captures | undefined) | undefined;
  /** Whether a reply of which no line is written has to come (`--update=all`). */
  readonly requiresUnwritten?: boolean | undefined;
}

export interface PlayContext extends ExchangeContext {
  readonly host: Host;
  readonly connections: Connections;
  /** Gets each exchange once it is decided; undefined: exchanges are not reported. */
  readonly teller: Teller | undefined;
  /** Decides when exchanges begin; undefined: each as soon as it can. */
  readonly gate?: Gate | undefined;
  /** How many exchanges are sent ahead. */
  readonly pipeline: number;
}

export interface Gate {
  /** Asked before an exchange begins. False: not yet; asked again when the play is woken. */
  mayBegin(): boolean;
}

export interface Teller {
  /** Waits until a failure can be reported: what compares replies is loaded with the first one. */
  prepare(): Script<void>;
  /** An exchange is decided, as far as is known now. */
  onExchange(note: Note): void;
}

/** The document's first connection could not be opened, so that nothing of it can be played. */
export interface Unreachable {
  readonly message: string;
  readonly line: number;
}
