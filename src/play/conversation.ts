/**
 * One connection of a play. What comes goes to the listener, or waits while there is none. It knows which exchange used the
 * connection last, and which lines still belong to that exchange.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Encoded, OutgoingLine } from "../dialects/codec.ts";
import type { Dialect, Reading } from "../dialects/dialect.ts";
import { isLineError } from "../dialects/errors.ts";
import type { Matcher } from "../match/matcher.ts";
import type { Scope } from "../match/variables.ts";
import type { Party } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { Anytime } from "./anytime.ts";
import { Incoming } from "./incoming.ts";
import type { Listener } from "./listener.ts";
import type { Note } from "./note.ts";
import type { CloseError, Inputs, Opened, Port } from "./port.ts";
import type { Runner } from "./script.ts";
import { EXCUSED, SETTLED, type State } from "./state.ts";
import { Waiting } from "./waiting.ts";

/** Without a listener, reading stops after this many bytes. */
const IDLE_BYTES = 1 << 20;

export interface ConversationContext {
  readonly role: Party;
  readonly runner: Runner;
  readonly variables: Scope;
}

export class Conversation implements Inputs {
  readonly name: string;
  readonly role: Party;
  readonly dialect: Dialect;
  /** How the other party's lines are read, matched and shown, where lines in order do not do. */
  readonly reading: Reading | undefined;
  readonly scheme: string;
  readonly incoming: Incoming;
  readonly anytime: Anytime;
  readonly waiting: Waiting = new Waiting(this);
  readonly port: Port;
  readonly #runner: Runner;
  state: State = SETTLED;
  #deadline = Number.POSITIVE_INFINITY;
  /** The time for what is awaited, until its first byte has come. */
  #patience: number | undefined;
  #silence = Number.POSITIVE_INFINITY;
  #idleBytes = 0;
  #isPaused = false;
  /** Exchanges that it carried. */
  exchanges = 0;
  /** The exchange that used it last: what is too much is counted to it. */
  lastUser: Note | undefined;
  /** The exchange before the present one on this connection: the server may have closed it there. */
  previousUser: Note | undefined;

  /** @param anytime the examples that may come at any time, as they are known when something comes. */
  constructor(
    name: string,
    dialect: Dialect,
    opened: Opened,
    { role, runner, variables }: ConversationContext,
    anytime: () => readonly PlannedExample[],
  ) {
    this.name = name;
    this.role = role;
    this.dialect = dialect;
    this.reading = role === "client" ? dialect.responses : dialect.requests;
    this.scheme = opened.scheme;
    this.incoming = new Incoming(opened.codec, role);
    this.#runner = runner;
    this.anytime = new Anytime(anytime, variables, (lines) => this.answer(lines));
    this.port = opened.attach(this);
  }

  get #listener(): Listener | undefined {
    return this.state.kind === "listening" ? this.state.listener : undefined;
  }

  bytes(chunk: Uint8Array, now: number): void {
    this.#runner.now = now;
    const listener = this.#listener;
    try {
      this.#take(chunk, listener);
    } catch (error) {
      return this.#runner.fail(error);
    }
    if (listener?.hasEnded) this.#runner.wake(now);
  }

  #take(chunk: Uint8Array, listener: Listener | undefined): void {
    const { incoming } = this;
    if (!incoming.framingError) incoming.byteCount += chunk.length;
    if (this.#patience !== undefined) this.#deadline = this.#runner.now + this.#patience;
    this.#patience = undefined;
    if (listener) this.#setAlarm();
    if (listener?.takeRaw?.(chunk)) return;
    incoming.decode(chunk);
    if (listener) return listener.onActivity();
    this.waiting.watch();
    this.#idleBytes += chunk.length;
    if (this.#idleBytes > IDLE_BYTES && !this.#isPaused) this.#pause(true);
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.port.flow(!isPaused);
  }

  closed(error: CloseError | undefined, now: number): void {
    this.#runner.now = now;
    const listener = this.#listener;
    try {
      listener?.endRaw?.();
      this.incoming.close(error);
      if (listener) listener.onActivity();
      else this.waiting.watch();
    } catch (mistake) {
      return this.#runner.fail(mistake);
    }
    if (listener?.hasEnded) this.#runner.wake(now);
  }

  due(now: number): void {
    this.#runner.now = now;
    const listener = this.#listener;
    if (!listener) return;
    try {
      this.#ring(listener, now);
    } catch (error) {
      return this.#runner.fail(error);
    }
    if (listener.hasEnded) this.#runner.wake(now);
    else this.#setAlarm();
  }

  #ring(listener: Listener, now: number): void {
    if (now >= this.#silence && this.#silence <= this.#deadline) {
      this.#silence = Number.POSITIVE_INFINITY;
      listener.onSilence();
    } else if (now >= this.#deadline) listener.onDeadline();
  }

  #setAlarm(): void {
    const next = Math.min(this.#deadline, this.#silence);
    this.port.alarm(next === Number.POSITIVE_INFINITY ? undefined : next);
  }

  /**
   * Sets the listener until {@link rest}, for at most `ms` milliseconds. It gets first what has been waiting.
   * @param isPatient whether the time begins with the first byte.
   */
  listen(listener: Listener, ms: number, isPatient = false): void {
    const { state } = this;
    this.state = { kind: "listening", listener, resting: state.kind === "listening" ? state.resting : state };
    this.incoming.arrivals.ledger.isRead = true;
    const awaitsFirst = isPatient && !this.hasWaiting && this.incoming.theirs.pending === "nothing";
    this.#patience = awaitsFirst ? ms : undefined;
    this.#deadline = awaitsFirst ? Number.POSITIVE_INFINITY : this.#runner.now + ms;
    this.#silence = Number.POSITIVE_INFINITY;
    this.#setAlarm();
    this.waiting.takeUp();
    this.#idleBytes = 0;
    if (this.#isPaused) this.#pause(false);
  }

  /** Tells the listener when nothing happens for so many milliseconds from now on; infinite: never. */
  awaitSilence(ms: number): void {
    const silence = this.#runner.now + ms;
    if (silence === this.#silence) return;
    this.#silence = silence;
    this.#setAlarm();
  }

  /** Removes the listener. What comes waits, except for lines that may come at any time. */
  rest(): void {
    if (this.state.kind === "listening") this.state = this.state.resting;
    this.incoming.arrivals.ledger.isRead = false;
    this.#patience = undefined;
    this.port.alarm(undefined);
  }

  /** An exchange begins. */
  use(note: Note): void {
    this.previousUser = this.lastUser;
    this.lastUser = note;
    this.state = SETTLED;
  }

  /** The reply that came last may go on. */
  leaveOpen(matcher: Matcher): void {
    this.state = { kind: "open", matcher };
  }

  settle(): void {
    this.state = SETTLED;
  }

  /** The matcher of a reply that may go on. */
  get openReply(): Matcher | undefined {
    return this.state.kind === "open" ? this.state.matcher : undefined;
  }

  /**
   * Sends one party's lines, by an exchange that may go on in `later`. @returns what was sent.
   * @param to the number of the request that a server answers, where requests have one.
   * @throws {LineError}
   */
  send(lines: readonly OutgoingLine[], later: readonly OutgoingLine[] | undefined, note: Note, to?: number): Encoded {
    const encoded = this.incoming.mine.encode(lines, later, to);
    if (encoded.withheld !== undefined) {
      this.incoming.arrivals.ledger.sent([], note);
      return encoded;
    }
    // The response to a continued request belongs to the later exchange.
    this.incoming.arrivals.ledger.sent(later ? encoded.requests.slice(0, -1) : encoded.requests, note);
    if (encoded.bytes.length > 0) {
      this.port.send(encoded.bytes);
      note.cuts = this.port.lastCuts;
    }
    this.incoming.decodeKept();
    return encoded;
  }

  /** Answers what came at any time, or in the middle of a message. No exchange gets the replies to that. */
  answer(lines: readonly OutgoingLine[]): void {
    try {
      const encoded = this.incoming.mine.encode(lines);
      if (encoded.withheld !== undefined) return;
      this.incoming.arrivals.ledger.sentUnseen(encoded.requests);
      this.port.send(encoded.bytes);
    } catch (error) {
      // A value that the server chose can make a line that cannot be sent.
      if (!isLineError(error)) throw error;
      this.lastUser?.fail("protocol", error.line.line, `not sent: ${error.message}`);
    }
  }

  /** Whether something came that was not taken yet. */
  get hasWaiting(): boolean {
    return this.waiting.isFull || !this.incoming.arrivals.isEmpty;
  }

  /** Whether it can be used: the other side goes on, and can be understood. */
  get isUsable(): boolean {
    const { closed, framingError, isOver } = this.incoming;
    return !closed && !framingError && !isOver;
  }

  /** Whether the server has closed it although nothing that it said, and no line of the document, says so. */
  get isLost(): boolean {
    const { closed, framingError, isOver } = this.incoming;
    return closed && !framingError && !isOver && !this.dialect.reopens;
  }

  /** Whether it can be used, and nothing has come, or is left, that has to be looked at before the next say. */
  get isQuiet(): boolean {
    const { incoming, waiting } = this;
    return (
      this.state.kind !== "open" &&
      this.isUsable &&
      incoming.arrivals.isEmpty &&
      incoming.theirs.pending === "nothing" &&
      !waiting.isFull &&
      !waiting.hasSurplus
    );
  }

  /** Whether more has come, or begun to come, than the last reply takes. Told without taking it. */
  get hasExtra(): boolean {
    const { arrivals, theirs } = this.incoming;
    const isBegun = !this.anytime.watches && (!arrivals.isEmpty || theirs.pending === "line");
    if (!(this.waiting.isFull || isBegun) || !this.lastUser) return false;
    if (this.state.kind !== "settled" || this.waiting.hasSurplus) return false;
    return !arrivals.ledger.awaitsReply;
  }

  /** The first bytes of an incomplete message that no reply has a place for. */
  get hiddenExtra(): ByteString {
    return this.openReply ? "" : this.incoming.hiddenBeginning;
  }

  /** The reply that came last is not shown, unless a further one, to the same client lines, may still be too much. */
  forgetReply(): void {
    if (this.incoming.arrivals.ledger.isOwnIn) this.lastUser?.forget();
  }

  /** An exchange is skipped: what comes now may have been due in it, and so may the replies that were left open. */
  excuse(): void {
    this.state = EXCUSED;
    this.incoming.arrivals.ledger.drop(() => true);
  }

  end(act: "close" | "reset" = "close"): void {
    this.incoming.closed = true;
    this.state = SETTLED;
    this.port.alarm(undefined);
    this.port.act(act);
  }
}
