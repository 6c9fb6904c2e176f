/** What a played server has outside: clients in place of servers that it connects to. */
import { now } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { Codec } from "../dialects/codec.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { optionsOf } from "../plan/settings.ts";
import type { Eventual, Host, Opened, OpenRequest, Port } from "../play/port.ts";
import type { Runner } from "../play/script.ts";
import { Alarm } from "../replay/alarm.ts";
import type { ClientWire } from "./client-wire.ts";

export class ServerStage implements Host {
  readonly #runner: Runner;
  readonly #signal: AbortSignal;
  readonly #next: (request: OpenRequest) => Eventual<ClientWire>;
  readonly #alarm = new Alarm(true);

  /** @param next the client that takes a part. */
  constructor(runner: Runner, signal: AbortSignal, next: (request: OpenRequest) => Eventual<ClientWire>) {
    this.#runner = runner;
    this.#signal = signal;
    this.#next = next;
  }

  open(request: OpenRequest): Eventual<Opened> {
    const { address, example } = request;
    const client = this.#next(request);
    let opened: Opened | undefined;
    return {
      get value(): Opened | { readonly refused: string } | undefined {
        if (opened) return opened;
        const wire = client.value;
        if (!wire || "refused" in wire) return wire;
        opened = { scheme: "", codec: codecOf(example, address.dialect), attach: (inputs) => wire.attach(inputs) };
        return opened;
      },
    };
  }

  secure(port: Port, example: PlannedExample, dialect: Dialect): Eventual<Codec> {
    const outcome: { value: Codec | { refused: string } | undefined } = { value: undefined };
    this.#secure(port as ClientWire, example, dialect).then((value) => {
      outcome.value = value;
      this.#runner.wake(now());
    });
    return outcome;
  }

  async #secure(
    wire: ClientWire,
    example: PlannedExample,
    dialect: Dialect,
  ): Promise<Codec | { readonly refused: string }> {
    const { timeout } = example.settings;
    const late = AbortSignal.timeout(timeout);
    try {
      await wire.upgrade(AbortSignal.any([late, this.#signal]));
      return codecOf(example, dialect);
    } catch (error) {
      return { refused: late.aborted ? `no handshake within ${formatDuration(timeout)}` : (error as Error).message };
    }
  }

  /** Whatever place an example has: all are served at one address. */
  serverTarget(): string {
    return "";
  }

  dialectOf(): undefined {
    return undefined;
  }

  alarm(at: number): void {
    this.#alarm.set(at, () => this.#runner.wake(now()));
  }

  onCapture(): void {}

  dispose(): void {
    this.#alarm.dispose();
  }
}

/** A connection in the dialect of an example. */
export const codecOf = ({ settings }: PlannedExample, dialect: Dialect): Codec => {
  const { eol, limit } = settings;
  return dialect.createCodec({ eol, limit, host: "", options: optionsOf(dialect, settings) });
};
