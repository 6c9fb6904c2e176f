/**
 * The connections of one document by their names: opened at first use and again after either side closed, with the opening
 * played on each (format guide, sections 2, 3 and 5).
 */
import { decodeText } from "../base/bytes.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../match/parts.ts";
import type { Party } from "../plan/moves.ts";
import type { Place, PlannedExample } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import { CloseHearing } from "./closing.ts";
import { Conversation } from "./conversation.ts";
import { checkEnd } from "./findings.ts";
import type { Note } from "./note.ts";
import type { Address, Host } from "./port.ts";
import type { Runner, Script } from "./script.ts";

export interface ConnectionsContext {
  readonly role: Party;
  readonly runner: Runner;
  readonly host: Host;
  readonly variables: Variables;
  /** The document's own target, to which openings belong. */
  readonly documentPlace: Place | undefined;
  /** Plays the opening on a connection. @returns its exchange that failed, if one did. */
  playOpening(opening: PlannedExample, conversation: Conversation): Script<Note | undefined>;
}

/** Why there is no connection: it could not be opened, or its opening did not go as written. */
export type NoConnection =
  | {
      readonly kind: "refused";
      readonly message: string;
      readonly line: number;
      /** Whether it is the first of the document: then the document is not run. */
      readonly isFirst: boolean;
    }
  | { readonly kind: "opening failed"; readonly note: Note };

/** Wraps what else could be taken for a connection. */
export interface Failed {
  readonly failed: NoConnection;
}

export class Connections {
  readonly #context: ConnectionsContext;
  readonly #open = new Map<string, Conversation>();
  /** URLs of `=== connect URL`, by the connection's name; they last to the end of their example. */
  readonly #elsewhere = new Map<string, { readonly url: string; readonly dialect: Dialect }>();
  /** The one used last, by an example whose names lead where they led then. */
  #last: { readonly name: string; readonly example: PlannedExample; readonly conversation: Conversation } | undefined;
  /** The last opening that failed otherwise than the one before. */
  #failedOpening: Note | undefined;
  #openedAny = false;
  opening: PlannedExample | undefined;
  anytime: readonly PlannedExample[] = NO_EXAMPLES;

  constructor(context: ConnectionsContext) {
    this.#context = context;
  }

  all(): readonly Conversation[] {
    return [...this.#open.values()];
  }

  /** An example begins: names lead to its own target again. */
  beginExample(): void {
    if (this.#elsewhere.size > 0) this.#elsewhere.clear();
  }

  #address(name: string, example: PlannedExample): Address {
    const elsewhere = this.#elsewhere.get(name);
    const { place, dialect } = example;
    if (elsewhere) return { ...elsewhere, tls: place?.tls ?? {} };
    if (!place) return { url: "", dialect, tls: {} };
    const { host, variables } = this.#context;
    if (place.kind === "server") return { url: host.serverTarget(place.name), dialect, tls: place.tls };
    return { url: decodeText(variables.evaluate(place.url) ?? ""), dialect, tls: place.tls };
  }

  #key(name: string, example: PlannedExample): string {
    const { url, dialect } = this.#address(name, example);
    return `${name} ${dialect.name} ${url}`;
  }

  /** The open connection of a name; `closedToo`: also one that the server has closed. */
  current(name: string, example: PlannedExample, closedToo = false): Conversation | undefined {
    const conversation = this.#open.get(this.#key(name, example));
    return conversation && (closedToo || !conversation.incoming.closed) ? conversation : undefined;
  }

  /** The connection of a name if it is open and can be used as it is: the common case. */
  ready(name: string, example: PlannedExample): Conversation | undefined {
    const last = this.#last;
    const known =
      last?.example === example && last.name === name ? last.conversation : this.#open.get(this.#key(name, example));
    if (!known?.isUsable) return undefined;
    if (known !== last?.conversation || last.example !== example) this.#last = { name, example, conversation: known };
    return known;
  }

  /**
   * The connection of a name, opened where it is not open (any more). It is a closed one where the document does not say
   * that the server closes it, and for an exchange that sends nothing where something waits on it.
   */
  *use(name: string, example: PlannedExample, line: number, sends: boolean): Script<Conversation | Failed> {
    const known = this.#open.get(this.#key(name, example));
    if (known && (known.isUsable || isLostTo(known, example) || (!sends && known.hasWaiting))) return known;
    if (known) {
      yield* this.#finish([known], example.settings.settle);
      this.forget(known);
    }
    return yield* this.connect(name, example, line);
  }

  /** Opens a connection; with a `url` there, and without the opening. */
  *connect(name: string, example: PlannedExample, line: number, url?: string): Script<Conversation | Failed> {
    const { host, documentPlace } = this.#context;
    if (url !== undefined) {
      const scheme = /^[A-Za-z][A-Za-z0-9+.-]*/.exec(url)?.[0].toLowerCase() ?? "";
      const byScheme = example.dialectByScheme ? host.dialectOf(scheme) : undefined;
      this.#last = undefined;
      this.#elsewhere.set(name, { url, dialect: byScheme ?? example.dialect });
    }
    const address = this.#address(name, example);
    const opening = host.open({ address, example, isOfDocument: url !== undefined });
    while (opening.value === undefined) yield;
    const opened = opening.value;
    if ("refused" in opened)
      return { failed: { kind: "refused", message: opened.refused, line, isFirst: !this.#openedAny } };
    this.#openedAny = true;
    const isOfDocument = (): boolean => isSamePlace(example.place, documentPlace);
    const conversation = new Conversation(name, address.dialect, opened, this.#context, () =>
      this.anytime.length > 0 && isOfDocument() ? this.anytime : NO_EXAMPLES,
    );
    this.#open.set(this.#key(name, example), conversation);
    if (url === undefined && this.opening && isOfDocument())
      return (yield* this.#playOpening(this.opening, conversation)) ?? conversation;
    return conversation;
  }

  *#playOpening(opening: PlannedExample, conversation: Conversation): Script<Failed | undefined> {
    const { variables, playOpening } = this.#context;
    for (const name of opening.captures) variables.captured.delete(name);
    const failed = yield* playOpening(opening, conversation);
    if (!failed) return undefined;
    if (this.#failedOpening && isAlike(this.#failedOpening, failed)) failed.isRepeated = true;
    else this.#failedOpening = failed;
    this.forget(conversation);
    return { failed: { kind: "opening failed", note: failed } };
  }

  /** Closes a connection and looks no further. */
  forget(conversation: Conversation, act: "close" | "reset" = "close"): void {
    this.#last = undefined;
    conversation.end(act);
    for (const [key, open] of this.#open) if (open === conversation) this.#open.delete(key);
  }

  /**
   * Ends all connections as a client that has said everything: half-closes where there is but one, and reads until the
   * server closes or is silent. What still comes is extra output of the exchange that last used it.
   */
  *end(settle: number): Script<void> {
    const ending = this.all();
    yield* this.#finish(ending, settle);
    for (const conversation of ending) this.forget(conversation);
  }

  *#finish(ending: readonly Conversation[], settle: number): Script<void> {
    const heard = ending.filter(({ lastUser, incoming }) => lastUser && !incoming.closed);
    // Where one of several hangs up, the server may well tell the others: that is not extra output.
    const hangsUp = ending.filter(({ incoming }) => !incoming.closed).length === 1;
    const closings = heard.map((conversation) => new CloseHearing(conversation, settle, true));
    if (hangsUp) for (const { port } of heard) port.act("half-close");
    for (const closing of closings) closing.start();
    while (closings.some(({ hasEnded }) => !hasEnded)) yield;
    for (const conversation of ending) checkEnd(conversation);
  }

  /** Closes everything at once. */
  abandon(keep?: ReadonlySet<Conversation>): void {
    for (const conversation of this.all()) if (!keep?.has(conversation)) this.forget(conversation);
  }
}

const NO_EXAMPLES: readonly PlannedExample[] = [];

/** Whether two places are written alike, so that what belongs to the one belongs to the other. */
function isSamePlace(one: Place | undefined, other: Place | undefined): boolean {
  if (one === other) return true;
  if (one?.kind === "server") return other?.kind === "server" && one.name === other.name;
  return one !== undefined && other?.kind === "url" && writtenUrl(one.url) === writtenUrl(other.url);
}

const writtenUrl = (parts: readonly Part[]): string =>
  parts.map((part) => (part.kind === "text" ? part.bytes : `{{${part.name}|${part.filter ?? ""}}}`)).join("");

/** Whether two openings failed alike, so that one comparison shows both. What came may hold an ID or the time. */
const isAlike = ({ finding: one }: Note, { finding: other }: Note): boolean =>
  one?.kind === other?.kind && one?.line === other?.line;

/** Whether an example needs a connection that the server has closed, and no failure of an example before says so. */
const isLostTo = ({ isLost, lastUser }: Conversation, example: PlannedExample): boolean =>
  isLost && !(lastUser?.failed && lastUser.example !== example);
