/**
 * A connection of a replay with what the replay knows of it: who used it last, which reply may still go on, what may
 * come at any time.
 */
import type { Dialect, Message } from "../dialects/dialect.ts";
import type { Matcher } from "../match/matcher.ts";
import { Alarm } from "./alarm.ts";
import type { AnytimeFilter } from "./anytime.ts";
import type { Link } from "./link.ts";
import type { ExchangeRecord } from "./record.ts";

export class OpenConnection {
  readonly link: Link;
  readonly name: string;
  readonly dialect: Dialect;
  readonly anytime: AnytimeFilter;
  readonly timeout: Alarm = new Alarm();
  readonly settle: Alarm = new Alarm();
  /** Exchanges that it carried. */
  exchanges = 0;
  /** The exchange that used it last: what is too much is counted to it. */
  lastUser: ExchangeRecord | undefined;
  /** A reply that matched and may go on. */
  openReply: Matcher | undefined;
  /** What comes now was due in an exchange that was skipped: nobody is to blame for it. */
  isForgiven = false;
  /** Ends what is being waited for on it, when the run is interrupted. */
  interrupted: (() => void) | undefined;
  #waiting: Message[] = [];

  constructor(link: Link, name: string, dialect: Dialect, anytime: AnytimeFilter) {
    this.link = link;
    this.name = name;
    this.dialect = dialect;
    this.anytime = anytime;
    this.rest();
  }

  /** Whether something came that nobody has taken yet. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0 || this.link.peek() !== undefined;
  }

  forgive(): void {
    this.isForgiven = true;
  }

  /** Somebody reads: what had to wait comes first. */
  attend(onActivity: () => void): void {
    if (this.#waiting.length > 0) {
      this.link.putBack(this.#waiting);
      this.#waiting = [];
    }
    this.link.attend(onActivity, false);
  }

  /** Nobody reads: what comes waits, but for what may come at any time. */
  rest(): void {
    this.link.attend(() => this.#watch(), true);
  }

  #watch(): void {
    if (!this.anytime.watches) return;
    for (const { lines, complete, part } of this.link.takeAll()) {
      const kept = lines.flatMap((line) => this.anytime.offer(line, this.openReply?.takes(line, part) ?? false));
      if (kept.length > 0 || complete) this.#waiting.push({ lines: kept, complete, part });
    }
  }

  /**
   * Takes what came beyond the last reply, without waiting, or what more of it may come; a reply that may go on takes
   * what it matches. @returns the lines that are too much.
   */
  takeExtra(): readonly string[] {
    this.attend(() => {});
    if (!this.anytime.watches) this.link.flush();
    const extra: string[] = [];
    for (let arrival = this.link.peek(); arrival; arrival = this.link.peek()) {
      const { line, part, last } = arrival;
      this.link.take();
      const ordinary =
        line === undefined
          ? []
          : this.anytime.watches
            ? this.anytime.offer(line, this.openReply?.takes(line, part) ?? false)
            : [line];
      for (const one of ordinary) {
        const progress = this.openReply?.feed(one, part);
        if (progress === undefined || progress === "failed") extra.push(one);
        if (progress !== "open") this.openReply = undefined;
      }
      if (last && this.openReply?.endMessage() !== "open") this.openReply = undefined;
    }
    this.rest();
    return extra;
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
    this.timeout.dispose();
    this.settle.dispose();
  }
}
