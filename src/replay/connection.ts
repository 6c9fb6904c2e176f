/**
 * A connection of a replay with what the replay knows of it: who used it last, which reply may still go on, what may
 * come at any time.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Dialect, Message } from "../dialects/dialect.ts";
import type { Matcher } from "../match/matcher.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { Alarm } from "./alarm.ts";
import type { AnytimeFilter } from "./anytime.ts";
import { Answered } from "./known-replies.ts";
import type { Link } from "./link.ts";
import type { ExchangeRecord } from "./record.ts";

/** Who waits for what comes on a connection, and what may happen to the wait. */
export interface Waiter {
  /** Something arrived, or the connection ended. */
  onActivity(): void;
  /** The time is over. */
  onTimeout(): void;
  /** It was silent for as long as was asked. */
  onSilence(): void;
  /** The run is interrupted: the wait has to end. */
  onInterrupt(): void;
}

const NO_LINES: readonly string[] = [];

export class OpenConnection {
  readonly link: Link;
  readonly name: string;
  readonly dialect: Dialect;
  readonly anytime: AnytimeFilter;
  readonly #timeout = new Alarm();
  readonly #settle = new Alarm();
  #waiter: Waiter | undefined;
  readonly #onTimeout = (): void => this.#waiter?.onTimeout();
  readonly #onSilence = (): void => this.#waiter?.onSilence();
  readonly #idle = { onActivity: (): void => this.#watch() };
  /** Exchanges that it carried. */
  exchanges = 0;
  /** The exchange that used it last: what is too much is counted to it. */
  lastUser: ExchangeRecord | undefined;
  /** The exchange before the present one on this connection: the server may have closed it there. */
  before: ExchangeRecord | undefined;
  /** A reply that matched and may go on. */
  openReply: Matcher | undefined;
  readonly answered: Answered = new Answered();
  /** What comes now was due in an exchange that was skipped: nobody is to blame for it. */
  isForgiven = false;
  #waiting: Message[] = [];
  /** A reply that differs, of which further lines came than are written: they stay for exchanges that send nothing. */
  #surplus: { readonly record: ExchangeRecord; readonly own: number } | undefined;

  constructor(link: Link, name: string, dialect: Dialect, anytime: AnytimeFilter) {
    this.link = link;
    this.name = name;
    this.dialect = dialect;
    this.anytime = anytime;
    this.rest();
  }

  /** Whether something came that nobody has taken yet. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0 || !this.link.arrivals.isEmpty;
  }

  /** Whether more has come, or begun to come, than the last reply takes. Told without taking it. */
  get hasExtra(): boolean {
    const { arrivals, codec } = this.link;
    const hasCome = this.#waiting.length > 0 || (!this.anytime.watches && (!arrivals.isEmpty || codec.holds === true));
    if (!hasCome || !this.lastUser || this.openReply || this.isForgiven || this.hasSurplus) return false;
    return !arrivals.ledger.awaitsReply;
  }

  /** Whether the server has closed it although nothing that it said, and no line of the document, says so. */
  get isLost(): boolean {
    return this.link.closed && !this.link.framingError && !this.link.codec.over && !this.dialect.reopens;
  }

  /** An exchange begins. */
  use(record: ExchangeRecord): void {
    this.before = this.lastUser;
    this.lastUser = record;
    this.isForgiven = false;
    this.openReply = undefined;
  }

  /** The reply that came last is not shown, unless a further one, to the same request lines, may still be too much. */
  forgetReply(): void {
    if (this.link.arrivals.ledger.isOwnIn) this.lastUser?.forget();
  }

  /** Whether a message has begun to come that no reply has a place for. */
  get isWithinExtra(): boolean {
    return this.openReply === undefined && this.link.codec.isWithin === true;
  }

  /** An exchange is skipped: what comes now may have been due in it, and so may the replies that were left open. */
  forgive(): void {
    this.isForgiven = true;
    this.link.arrivals.ledger.drop(() => true);
  }

  /** An example is tried again: what came of it, and will come, is of no interest. */
  startOver(example: PlannedExample): void {
    this.takeExtra();
    this.link.arrivals.ledger.drop((sender) => sender.example === example);
  }

  /** Somebody reads, until {@link rest}, for at most so many milliseconds: what had to wait comes first. */
  await(waiter: Waiter, timeout: number): void {
    this.#waiter = waiter;
    this.link.arrivals.ledger.isRead = true;
    this.#timeout.set(timeout, this.#onTimeout);
    this.#takeUp();
    this.link.attend(waiter, false);
  }

  /** The one who reads awaits something new, from `now` on (see {@link Alarm.set}). */
  awaitAnew(timeout: number, now: number): void {
    this.#timeout.set(timeout, this.#onTimeout, now);
  }

  /** Tells the waiter when nothing happens for so many milliseconds from now on. */
  awaitSilence(ms: number): void {
    this.#settle.set(ms, this.#onSilence);
  }

  /** Nobody reads: what comes waits, but for what may come at any time. */
  rest(): void {
    this.#waiter = undefined;
    this.link.arrivals.ledger.isRead = false;
    this.#timeout.clear();
    this.#settle.clear();
    this.link.attend(this.#idle, true);
  }

  interrupt(): void {
    this.#waiter?.onInterrupt();
  }

  #takeUp(): void {
    if (this.#waiting.length === 0) return;
    this.link.arrivals.putBack(this.#waiting);
    this.#waiting = [];
  }

  #watch(): void {
    if (!this.anytime.watches) return;
    for (const message of this.link.arrivals.takeDue()) {
      const { lines, complete, part } = message;
      const kept = lines.flatMap((line) => this.anytime.offer(line, this.openReply?.takes(line, part) ?? false));
      if (kept.length > 0 || complete) this.#waiting.push({ ...message, lines: kept });
    }
  }

  /**
   * Takes what came beyond the last reply, without waiting, or what more of it may come; a reply that may go on takes
   * what it matches. Replies that a later exchange could still ask for are left (see {@link takeUnasked}).
   * @returns the lines that are too much.
   */
  takeExtra(): readonly string[] {
    const { arrivals } = this.link;
    this.#takeUp();
    if (!this.anytime.watches) this.link.flush();
    if (arrivals.isEmpty) return this.#takeUnfinished();
    arrivals.ledger.isRead = this.openReply !== undefined;
    const extra: string[] = [];
    /** What an open reply was fed of a line that has no LF so far. */
    let unfinished: string[] = [];
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      const { line, part, last } = arrival;
      arrivals.take();
      const ordinary =
        line === undefined
          ? []
          : this.anytime.watches
            ? this.anytime.offer(line, this.openReply?.takes(line, part) ?? false)
            : [line];
      for (const one of ordinary) {
        const progress = this.openReply?.feed(one, part);
        if (progress === undefined || progress === "failed") {
          extra.push(...unfinished, one);
          unfinished = [];
        } else if (one.endsWith("\n")) {
          this.#goOn([...unfinished, one]);
          unfinished = [];
        } else unfinished.push(one);
        if (progress !== "open") this.openReply = undefined;
      }
      if (last && this.openReply?.endMessage() !== "open") this.openReply = undefined;
      arrivals.ledger.isRead = this.openReply !== undefined;
    }
    arrivals.ledger.isRead = false;
    if (unfinished.length > 0 && this.openReply?.end(this.link.isTruncated) === "failed") {
      this.openReply = undefined;
      extra.push(...unfinished);
    } else if (unfinished.length > 0) this.#goOn(unfinished);
    this.link.attend(this.#idle, true);
    return extra;
  }

  /** What the last reply was fed, as it came, of a line that no written one takes without its LF. */
  #takeUnfinished(): readonly string[] {
    const { lastUser, openReply } = this;
    if (!openReply || !lastUser || lastUser.failed || !lastUser.step.expects.some(({ ending }) => ending === "none"))
      return NO_LINES;
    const received = lastUser.received.join("");
    if (received === "" || received.endsWith("\n") || openReply.end(this.link.isTruncated) !== "failed")
      return NO_LINES;
    this.openReply = undefined;
    const { bytes = received.length } = openReply.unmatched();
    lastUser.received = [received.slice(0, bytes)];
    return [received.slice(bytes)];
  }

  /** The last reply goes on with these lines. */
  #goOn(lines: readonly ByteString[]): void {
    const { lastUser } = this;
    if (!lastUser || lastUser.failed) return;
    for (const line of lines) lastUser.receive(line);
    lastUser.matched = this.openReply?.unmatched().after ?? lastUser.matched;
  }

  /** The reply of `record` differs: what came beyond its first `own` lines stays for exchanges that send nothing. */
  leaveSurplus(record: ExchangeRecord, own: number): void {
    const { received } = record;
    if (own >= received.length) return;
    this.#surplus = { record, own };
    this.link.arrivals.putBack([{ lines: received.slice(own), complete: false, part: "" }]);
  }

  /**
   * Shows what nobody has taken of a surplus with the reply that it came with; `last`: nobody will take it any more.
   * @returns the exchange of that reply, where there is a surplus.
   */
  showSurplus(last: boolean): ExchangeRecord | undefined {
    if (!this.#surplus) return undefined;
    const { record, own } = this.#surplus;
    this.#takeUp();
    if (last) this.link.flush();
    const left = this.link.arrivals.takeDue();
    record.received = [...record.received.slice(0, own), ...left.flatMap(({ lines }) => lines)];
    if (last) this.#surplus = undefined;
    else this.link.arrivals.putBack(left);
    return record;
  }

  get hasSurplus(): boolean {
    return this.#surplus !== undefined;
  }

  /** Takes the replies that no exchange has asked for, each with the exchange that sent its request. */
  takeUnasked(): readonly { readonly sender: ExchangeRecord | undefined; readonly lines: readonly ByteString[] }[] {
    return this.link.arrivals.takeUnasked();
  }

  close(): void {
    this.link.close();
    this.dispose();
  }

  reset(): void {
    this.link.reset();
    this.dispose();
  }

  dispose(): void {
    this.#timeout.dispose();
    this.#settle.dispose();
  }
}
