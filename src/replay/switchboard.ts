/** Opens the connections that a play asks for: from an address to a wire, or to the reason why there is none. */
import type { ByteString } from "../base/bytes.ts";
import { now } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { Codec } from "../dialects/codec.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { isOptionError } from "../dialects/errors.ts";
import { socketMessage } from "../plan/permissions.ts";
import { remoteMessage } from "../plan/places.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { findDialect, type Registry } from "../plan/registry.ts";
import type { Segment } from "../plan/segment.ts";
import { optionsOf } from "../plan/settings.ts";
import type { Eventual, Host, Opened, OpenRequest, Port } from "../play/port.ts";
import type { Runner } from "../play/script.ts";
import { hostOf, isLoopback, parseTarget, TargetError } from "../transports/target.ts";
import type { ConnectFailure, Target, Transport } from "../transports/transport.ts";
import { Alarm } from "./alarm.ts";
import { connectProblem, tooLate } from "./connect-problem.ts";
import { Wire } from "./wire.ts";

/** What the connections of a document need from outside. */
export interface SwitchboardContext {
  readonly registry: Registry;
  readonly signal: AbortSignal;
  /** How what is sent is cut up; undefined: not at all. */
  readonly segment: Segment | undefined;
  /** Whether documents may name this Unix socket. */
  allowsSocket(path: string): boolean;
  transport(scheme: string): Promise<Transport>;
  /** The address of a server that runs or is named in the config file. */
  serverTarget(name: string): string;
  onCapture(name: string, value: ByteString): void;
}

type Refused = { readonly refused: string };

export class Switchboard implements Host {
  readonly #context: SwitchboardContext;
  readonly #runner: Runner;
  readonly #alarm = new Alarm(true);

  constructor(context: SwitchboardContext, runner: Runner) {
    this.#context = context;
    this.#runner = runner;
  }

  open(request: OpenRequest): Eventual<Opened> {
    return this.#begin(this.#open(request));
  }

  secure(port: Port, example: PlannedExample, dialect: Dialect): Eventual<Codec> {
    return this.#begin(this.#secure(port as Wire, example, dialect));
  }

  /** Wakes the play once something has come of it. */
  #begin<T>(work: Promise<T | Refused>): Eventual<T> {
    const outcome: { value: T | Refused | undefined } = { value: undefined };
    work.then(
      (value) => {
        outcome.value = value;
        this.#runner.wake(now());
      },
      (error: unknown) => this.#runner.fail(error),
    );
    return outcome;
  }

  async #open({ address, example, isOfDocument }: OpenRequest): Promise<Opened | Refused> {
    const { url, tls, dialect } = address;
    let target: Target;
    try {
      target = parseTarget(url, tls, Object.keys(this.#context.registry.schemes));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      return { refused: error.message };
    }
    const { place } = example;
    const isWritten = isOfDocument || (place?.kind === "url" && place.span !== undefined);
    if (isWritten && !isLoopback(target)) return { refused: remoteMessage(target) };
    if (isWritten && target.scheme === "unix" && !this.#context.allowsSocket(target.path))
      return { refused: socketMessage(target.path) };
    // The dialect of a URL that only the run knew is not ready yet.
    if (isOfDocument) {
      try {
        await dialect.load?.(optionsOf(dialect, example.settings));
      } catch (error) {
        if (!isOptionError(error)) throw error;
        return { refused: error.message };
      }
    }
    // First the codec: if the dialect failed here later, the connection would stay open.
    const codec = codecOf(example, dialect, target);
    const wire = await this.#dial(target, example.settings.timeout);
    if ("refused" in wire) return wire;
    return { scheme: target.scheme, codec, attach: (inputs) => wire.attach(inputs) };
  }

  #dial(target: Target, timeout: number): Promise<Wire | Refused> {
    return this.#inTime(
      timeout,
      async (signal) => {
        const transport = await this.#context.transport(target.scheme);
        const connection = await transport.connect(target, signal);
        const { segment } = this.#context;
        if (segment === undefined || segment.kind === "whole") return new Wire(target, connection);
        const { SegmentedWire } = await import("./segmented-wire.ts");
        return new SegmentedWire(target, connection, segment);
      },
      (error, isLate) => {
        const why = isLate ? tooLate(timeout, target) : connectProblem(error as ConnectFailure, target);
        return `cannot connect to ${target.url}: ${why}`;
      },
    );
  }

  #secure(wire: Wire, example: PlannedExample, dialect: Dialect): Promise<Codec | Refused> {
    const { timeout } = example.settings;
    const codec = codecOf(example, dialect, wire.target);
    return this.#inTime(
      timeout,
      async (signal) => {
        await wire.upgrade(signal);
        return codec;
      },
      (error, isLate) => (isLate ? `no handshake within ${formatDuration(timeout)}` : (error as Error).message),
    );
  }

  /** Does something that takes at most so many milliseconds, and no longer than the run. @param problem says why it failed. */
  async #inTime<T>(
    ms: number,
    work: (signal: AbortSignal) => Promise<T>,
    problem: (error: unknown, isLate: boolean) => string,
  ): Promise<T | Refused> {
    const { signal } = this.#context;
    const late = new AbortController();
    const stop = (): void => late.abort();
    const timer = setTimeout(stop, ms);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await work(late.signal);
    } catch (error) {
      return { refused: problem(error, late.signal.aborted) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  serverTarget(name: string): string {
    return this.#context.serverTarget(name);
  }

  dialectOf(scheme: string): Dialect | undefined {
    const { registry } = this.#context;
    return findDialect(registry, registry.schemes[scheme] ?? "line");
  }

  alarm(at: number): void {
    this.#alarm.set(at, () => this.#runner.wake(now()));
  }

  onCapture(name: string, value: ByteString): void {
    this.#context.onCapture(name, value);
  }

  dispose(): void {
    this.#alarm.dispose();
  }
}

function codecOf({ settings }: PlannedExample, dialect: Dialect, target: Target): Codec {
  const { eol, limit } = settings;
  return dialect.createCodec({ eol, limit, host: hostOf(target), options: optionsOf(dialect, settings) });
}
