/** A load: many clients play documents over and over, until the time is over or there were enough exchanges. */
import type { ByteString } from "../base/bytes.ts";
import { now } from "../base/clock.ts";
import type { Permissions } from "../plan/permissions.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import type { Registry } from "../plan/registry.ts";
import { type Served, Servers, type ServersContext, serversOf } from "../replay/servers.ts";
import type { WatchedServer } from "../replay/watched-server.ts";
import { ServerError } from "../servers/server.ts";
import type { Transport } from "../transports/transport.ts";
import { Client } from "./client.ts";
import { DocumentLoad } from "./document-load.ts";
import type { FailureGroup, LoadError } from "./failures.ts";
import { type Latencies, Meter } from "./meter.ts";
import { Pace, type PaceOptions } from "./pace.ts";

export interface LoadOptions extends PaceOptions {
  /** Milliseconds; undefined: until `count` exchanges have begun. */
  readonly duration?: number | undefined;
}

export interface LoadContext extends ServersContext {
  readonly registry: Registry;
  readonly permissions: Permissions;
  readonly signal: AbortSignal;
  transport(scheme: string): Promise<Transport>;
  onCapture(name: string, value: ByteString): void;
  /** Gets what was measured so far, several times a second. */
  watch?: ((progress: Measured) => void) | undefined;
}

/** What was measured. */
export interface Measured {
  /** Milliseconds. */
  readonly elapsed: number;
  readonly replies: number;
  readonly passed: number;
  readonly failed: number;
  /** Exchanges that were not tried after a failure. */
  readonly skipped: number;
  /** Exchanges that were due and could not begin, as their connections were still busy. */
  readonly overdue: number;
  readonly latencies: Latencies;
}

export interface LoadResult extends Measured {
  readonly interrupted: boolean;
  readonly errors: readonly LoadError[];
  readonly failures: readonly FailureGroup[];
}

/** Milliseconds between two looks at what was measured so far. */
const LOOK = 200;

/** Plays documents that each have an example to play. The clients are divided among them. */
export async function load(
  documents: readonly PlannedDocument[],
  options: LoadOptions,
  context: LoadContext,
): Promise<LoadResult> {
  const one = new Load(options, context);
  try {
    return await one.run(documents);
  } finally {
    await one.stop();
  }
}

class Load {
  readonly #options: LoadOptions;
  readonly #context: LoadContext;
  readonly #servers: Servers;
  readonly #own: WatchedServer[] = [];
  readonly #meter = new Meter();
  readonly #pace: Pace;
  readonly #errors: LoadError[] = [];
  readonly #loads: DocumentLoad[] = [];
  readonly #clients: Client[] = [];
  #resting = 0;
  #began = 0;
  /** When no further exchange could begin. */
  #over: number | undefined;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #done = new Promise<void>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  constructor(options: LoadOptions, context: LoadContext) {
    this.#options = options;
    this.#context = context;
    this.#servers = new Servers(context);
    this.#pace = new Pace(options, () => {
      this.#over = now();
      for (const client of this.#clients) client.finish();
    });
  }

  async run(documents: readonly PlannedDocument[]): Promise<LoadResult> {
    for (const document of documents) await this.#prepare(document);
    const { signal } = this.#context;
    if (this.#errors.length === 0 && !signal.aborted) await this.#play();
    for (const client of this.#clients) client.stop();
    this.#over ??= now();
    for (const one of this.#loads) await one.explained;
    const measured = this.#measured();
    const failures = await this.#meter.failures.groups();
    return { ...measured, interrupted: signal.aborted, errors: this.#errors, failures };
  }

  /** Starts the servers that a document needs. */
  async #prepare(document: PlannedDocument): Promise<void> {
    const { signal } = this.#context;
    if (signal.aborted) return;
    const servers = new Map<string, Served>();
    try {
      for (const name of serversOf(document)) servers.set(name, await this.#servers.start(name, this.#own, signal));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      const { line = 1, column = 1 } = document.place?.span ?? {};
      const details = error.output.split("\n").filter((text) => text !== "");
      this.#errors.push({ path: document.path, kind: "server", line, column, message: error.message, details });
      return;
    }
    this.#loads.push(
      new DocumentLoad(document, servers, {
        ...this.#context,
        meter: this.#meter,
        pace: this.#pace,
        onRest: () => {
          if (++this.#resting === this.#clients.length) this.#resolve();
        },
        onError: (error) => this.#reject(error),
        giveUp: (error) => {
          if (error) this.#errors.push(error);
          this.#pace.end();
          this.#resolve();
        },
      }),
    );
  }

  async #play(): Promise<void> {
    const { connections, duration } = this.#options;
    const { signal, watch } = this.#context;
    this.#began = now();
    for (let i = 0; i < connections; i++) {
      const one = this.#loads[i % this.#loads.length]!;
      this.#clients.push(new Client(one.document, one, this.#began + i * this.#pace.stagger));
    }
    const timers = [
      duration === undefined ? undefined : setTimeout(() => this.#pace.end(), duration),
      watch && setInterval(() => watch(this.#measured()), LOOK),
    ];
    const stop = (): void => this.#resolve();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for (const client of this.#clients) client.start();
      await this.#done;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  #measured(): Measured {
    const { replies, passed, failed, skipped, latencies, last } = this.#meter;
    const end = Math.max(this.#over ?? now(), last);
    const overdue = this.#clients.reduce((sum, client) => sum + client.overdueAt(this.#over ?? end), 0);
    return { elapsed: end - this.#began, replies, passed, failed, skipped, overdue, latencies };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.stop();
    await Promise.all(this.#own.map((server) => server.stop()));
    await this.#servers.stop();
  }
}
