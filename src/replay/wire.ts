/** A port over a connection of a transport, with a timer. */
import { now } from "../base/clock.ts";
import type { Inputs, Port } from "../play/port.ts";
import type { Connection, Target } from "../transports/transport.ts";
import { Alarm } from "./alarm.ts";

export class Wire implements Port {
  readonly target: Target;
  /** A plain wire cuts nothing (see `SegmentedWire`). */
  readonly lastCuts: string | undefined = undefined;
  #connection: Connection;
  readonly #alarm = new Alarm();
  #inputs: Inputs | undefined;
  readonly #onAlarm = (): void => this.#inputs?.due(now());

  constructor(target: Target, connection: Connection) {
    this.target = target;
    this.#connection = connection;
  }

  /** From now on what comes goes there. */
  attach(inputs: Inputs): this {
    this.#inputs = inputs;
    this.#connection.receive({
      data: (chunk) => inputs.bytes(chunk, now()),
      closed: (error) => inputs.closed(error, now()),
    });
    return this;
  }

  send(bytes: Uint8Array): void {
    void this.#connection.send(bytes);
  }

  act(act: "close" | "half-close" | "reset"): void {
    if (act === "half-close") return this.#connection.halfClose?.();
    this.#alarm.dispose();
    if (act === "close") this.#connection.close();
    else this.#connection.reset();
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
    if (!this.#connection.upgrade) throw new Error(`a ${this.target.scheme}: connection cannot turn to TLS`);
    this.#connection = await this.#connection.upgrade(this.target, signal);
    if (this.#inputs) this.attach(this.#inputs);
  }
}
