/** A wire that writes in pieces, so that a server that takes one read for one request is found out (`--segment`). */
import { now } from "../base/clock.ts";
import type { Segment } from "../plan/segment.ts";
import type { Inputs } from "../play/port.ts";
import type { Connection, Target } from "../transports/transport.ts";
import { cutsOf, describeCuts } from "./cuts.ts";
import { Wire } from "./wire.ts";

/**
 * After this many pieces of one request, the others follow with only a turn of the event loop between them. Before, the
 * client sleeps for a millisecond, so that the server runs even where both share a core.
 */
const SLOW_PIECES = 32;

type Act = "close" | "half-close" | "reset";

interface Request {
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
}

export class SegmentedWire extends Wire {
  readonly #segment: Segment;
  /** What is to be written; the first is under way. */
  readonly #requests: Request[] = [];
  /** How many pieces of the first one were written. */
  #written = 0;
  /** When the first piece was written that still has others after it. */
  #began = 0;
  /** What is to be done once all pieces are written. */
  #acts: Act[] = [];
  #alarm: { readonly at: number | undefined } | undefined;
  #whenWritten: (() => void)[] = [];
  #isMuted = false;
  override lastCuts: string | undefined = undefined;

  constructor(target: Target, connection: Connection, segment: Segment) {
    super(target, connection);
    this.#segment = segment;
  }

  override attach(inputs: Inputs): this {
    const unlessMuted =
      <T extends readonly unknown[]>(tell: (...args: T) => void) =>
      (...args: T): void => {
        if (!this.#isMuted) tell(...args);
      };
    return super.attach({
      bytes: unlessMuted((chunk, at) => inputs.bytes(chunk, at)),
      closed: unlessMuted((error, at) => inputs.closed(error, at)),
      due: unlessMuted((at) => inputs.due(at)),
    });
  }

  override send(bytes: Uint8Array): void {
    const cuts = cutsOf(bytes, this.#segment);
    this.lastCuts = describeCuts(cuts, this.#segment);
    this.#requests.push({ bytes, cuts });
    if (this.#requests.length > 1) return;
    this.#began = now();
    this.#writeNext();
  }

  get #isBusy(): boolean {
    return this.#requests.length > 0;
  }

  readonly #writeNext = (): void => {
    const { bytes, cuts } = this.#requests[0]!;
    const at = this.#written++;
    super.send(bytes.subarray(cuts[at - 1] ?? 0, cuts[at]));
    if (at === cuts.length) {
      this.#requests.shift();
      this.#written = 0;
      if (!this.#isBusy) return this.#finish();
    }
    if (this.#written < SLOW_PIECES) setTimeout(this.#afterSleep, 1);
    else setImmediate(this.#writeNext);
  };

  /** A timer may ring late, before a server in this process could read: a turn of the event loop lets it. */
  readonly #afterSleep = (): void => void setImmediate(this.#writeNext);

  /** The time for a reply begins with the last piece. */
  #finish(): void {
    const alarm = this.#alarm;
    this.#alarm = undefined;
    if (alarm) super.alarm(alarm.at === undefined ? undefined : alarm.at + now() - this.#began);
    for (const act of this.#acts.splice(0)) super.act(act);
    for (const tell of this.#whenWritten.splice(0)) tell();
  }

  override act(act: Act): void {
    if (!this.#isBusy) return super.act(act);
    if (act !== "half-close") this.#isMuted = true;
    this.#acts.push(act);
  }

  override alarm(at: number | undefined): void {
    if (this.#isBusy) this.#alarm = { at };
    else super.alarm(at);
  }

  override async upgrade(signal: AbortSignal): Promise<void> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#whenWritten.push(resolve));
    await super.upgrade(signal);
  }
}
