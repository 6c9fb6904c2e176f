/** The connection of one client. What it says before it plays a part is kept. */
import { now } from "../base/clock.ts";
import type { Inputs, Port } from "../play/port.ts";
import { Alarm } from "../replay/alarm.ts";
import type { Connection, Target } from "../transports/transport.ts";

/** Bytes that are kept of a client that plays no part yet. */
const MOST_KEPT = 1 << 16;
/** How long a client may take to close after the server did, and to read what was sent, in milliseconds. */
const LINGER = 1000;
const LONGEST_READ = 10_000;

export class ClientWire implements Port {
  readonly #target: Target;
  #connection: Connection;
  #inputs: Inputs | undefined;
  readonly #alarm = new Alarm();
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** It has closed, or broke. */
  #end: { readonly error: NodeJS.ErrnoException | undefined } | undefined;
  #isEndTold = false;
  /** The bytes that the system has not taken yet. */
  #sending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Whether it ever said anything. */
  hasSpoken = false;
  /** Whether it has said nothing since it was answered. */
  isIdle = true;
  /** Whether it is to leave its part, once whoever plays with it closes it. */
  #isLeaving = false;
  /** Called when it has left its part. */
  onLeft: () => void = () => {};
  /** Called when it is idle again, speaks first or ends. */
  onChange: () => void = () => {};
  readonly #onAlarm = (): void => this.#inputs?.due(now());

  constructor(target: Target, connection: Connection) {
    this.#target = target;
    this.#connection = connection;
    this.#receive();
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  #receive(): void {
    this.#connection.receive({
      data: (chunk) => {
        this.hasSpoken = true;
        this.isIdle = false;
        if (this.#inputs) return this.#inputs.bytes(chunk, now());
        this.#kept.push(chunk.slice());
        this.#keptBytes += chunk.length;
        if (this.#keptBytes > MOST_KEPT) this.#connection.pause();
        this.onChange();
      },
      closed: (error) => {
        this.#end = { error };
        this.#tellEnd();
        this.onChange();
      },
    });
  }

  #tellEnd(): void {
    if (!this.#end || !this.#inputs || this.#isEndTold) return;
    this.#isEndTold = true;
    this.#inputs.closed(this.#end.error, now());
  }

  /** From now on what comes goes there, first what was kept. */
  attach(inputs: Inputs): this {
    queueMicrotask(() => {
      if (this.#closing) return;
      this.#inputs = inputs;
      for (const chunk of this.#kept.splice(0)) inputs.bytes(chunk, now());
      this.#connection.resume();
      this.#tellEnd();
    });
    return this;
  }

  send(bytes: Uint8Array): void {
    const sending = this.#connection.send(bytes);
    if (sending) this.#sending = sending;
    this.isIdle = true;
    this.onChange();
  }

  act(act: "close" | "half-close" | "reset"): void {
    if (this.#isLeaving) return this.#return();
    if (act === "half-close") return this.#connection.halfClose?.();
    this.#alarm.dispose();
    this.#inputs = undefined;
    if (act === "reset") this.#connection.reset();
    this.#closing ??= act === "reset" ? Promise.resolve() : this.#close();
  }

  /** Closes once everything has left; a client that was still sending would lose it otherwise. */
  async #close(): Promise<void> {
    const connection = this.#connection;
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number): Promise<void> => new Promise((resolve) => timers.push(setTimeout(resolve, ms)));
    const ended = new Promise<void>((resolve) => {
      if (this.#end) resolve();
      else connection.receive({ data: () => {}, closed: () => resolve() });
    });
    connection.resume();
    connection.halfClose?.();
    await Promise.race([this.#sending, after(LONGEST_READ)]);
    await Promise.race([ended, after(LINGER)]);
    for (const timer of timers) clearTimeout(timer);
    connection.close();
  }

  /** Resolves when nothing is left of it. */
  async closed(): Promise<void> {
    this.act("close");
    await this.#closing;
  }

  /** Leaves its part, as if the client had closed. It plays another one, or the same, when it speaks again. */
  leave(): void {
    const inputs = this.#inputs;
    if (!inputs) return;
    this.#inputs = undefined;
    this.#isLeaving = true;
    this.hasSpoken = false;
    inputs.closed(undefined, now());
  }

  #return(): void {
    this.#isLeaving = false;
    this.#alarm.clear();
    this.onLeft();
  }

  /** Closes at once. */
  destroy(): void {
    this.#alarm.dispose();
    this.#inputs = undefined;
    this.#connection.close();
  }

  flow(isWanted: boolean): void {
    if (isWanted) this.#connection.resume();
    else this.#connection.pause();
  }

  alarm(at: number | undefined): void {
    if (at === undefined) this.#alarm.clear();
    else this.#alarm.set(at, this.#onAlarm);
  }

  /** Turns to TLS. @throws what the transport says, or where it cannot. */
  async upgrade(signal: AbortSignal): Promise<void> {
    if (!this.#connection.upgrade) throw new Error("there is no certificate: use --tls-cert FILE and --tls-key FILE");
    this.#connection = await this.#connection.upgrade(this.#target, signal);
    this.#receive();
  }
}
