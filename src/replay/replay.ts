/**
 * Replays one document: its examples in order, each decided when it ends, and all of them once more when the connections
 * end (format guide, section 5).
 */
import type { ByteString } from "../base/bytes.ts";
import { now, sleep } from "../base/clock.ts";
import type { PlannedDocument, PlannedExample, PlannedExchange } from "../plan/planned.ts";
import { Variables } from "../plan/variables.ts";
import type {
  DocumentError,
  DocumentResult,
  ExampleResult,
  ExampleStatus,
  ExchangeResult,
  RunEvent,
} from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import { ConnectError, Connections, type ConnectionsContext } from "./connections.ts";
import { Interrupted } from "./interrupted.ts";
import { type PlayContext, Player } from "./player.ts";
import { ExchangeRecord } from "./record.ts";
import type { WatchedServer } from "./watched-server.ts";

export interface ReplayContext extends Omit<ConnectionsContext, "variables" | "documentPlace"> {
  readonly keepReplies: boolean;
  readonly exchangeEvents: boolean;
  /** A server that was started for the run or the document; undefined where it was there already. */
  startedServer(name: string): WatchedServer | undefined;
  onCapture(name: string, value: ByteString): void;
  emit(event: RunEvent): void;
  /** Counts a failed example; true once the run is to stop (`--bail`). */
  noteFailure(): boolean;
  /** Whether the run is to stop. */
  isStopped(): boolean;
}

/** An example that was played, as far as it is decided. */
interface Played {
  readonly example: PlannedExample;
  readonly records: readonly ExchangeRecord[];
  readonly attempts: number;
  readonly ms: number;
  /** Why it was not played. */
  readonly skipped: string | undefined;
}

export async function replayDocument(planned: PlannedDocument, context: ReplayContext): Promise<DocumentResult> {
  return new DocumentReplay(planned, context).run();
}

class DocumentReplay {
  readonly #planned: PlannedDocument;
  readonly #context: ReplayContext;
  readonly #variables: Variables;
  readonly #connections: Connections;
  readonly #played: Played[] = [];
  /** How examples are played: with each exchange told as it happens, or all of them once the last try is over. */
  readonly #telling: PlayContext;
  readonly #silent: PlayContext;
  /** Names that a reply would have bound whose exchange was not tried, with its line. */
  readonly #unbound = new Map<string, number>();
  #errors: readonly DocumentError[] = [];
  #interrupted = false;

  constructor(planned: PlannedDocument, context: ReplayContext) {
    this.#planned = planned;
    this.#context = context;
    this.#variables = new Variables(planned.variables);
    this.#connections = new Connections({ ...context, variables: this.#variables, documentPlace: planned.place });
    const { signal, keepReplies, exchangeEvents, onCapture } = context;
    this.#silent = { connections: this.#connections, variables: this.#variables, signal, keepReplies, onCapture };
    this.#telling = exchangeEvents ? { ...this.#silent, onExchange: (record) => this.#tell(record) } : this.#silent;
  }

  async run(): Promise<DocumentResult> {
    const { path, examples } = this.#planned;
    const started = now();
    const settle = Math.max(0, ...examples.map((example) => example.settings.settle));
    try {
      for (const example of examples) await this.#step(example, settle);
      await this.#connections.end(settle);
      await this.#connections.compareChanged();
    } catch (error) {
      if (error instanceof Interrupted) this.#interrupted = true;
      else if (error instanceof ConnectError) {
        this.#errors = [
          { kind: "connect", line: error.line, column: 1, message: error.message, details: error.details },
        ];
        this.#played.length = 0;
        for (const example of examples)
          if (example.role === "example") this.#skip(example, example.skip ?? "the server could not be reached");
      } else throw error;
    } finally {
      this.#connections.dispose();
    }
    return {
      path,
      errors: this.#errors,
      examples: this.#played.map((played) => this.#result(played)),
      interrupted: this.#interrupted,
      ms: now() - started,
    };
  }

  async #step(example: PlannedExample, settle: number): Promise<void> {
    if (this.#context.signal.aborted) throw new Interrupted();
    if (example.role === "opening") {
      if (example.skip === undefined) this.#connections.opening = example;
      return;
    }
    if (example.role === "anytime") {
      if (example.skip === undefined) this.#connections.anytime = [...this.#connections.anytime, example];
      return;
    }
    const reason =
      example.skip ??
      (this.#context.isStopped() ? "the run stopped after a failure (--bail)" : undefined) ??
      this.#startedServer(example)?.skipReason ??
      this.#lacks(example);
    if (reason !== undefined) {
      this.#decided(this.#skip(example, reason));
      return;
    }
    if (example.fresh || this.#planned.connection === "example") await this.#connections.end(settle);
    this.#decided(await this.#play(example));
    if (this.#planned.connection === "example") await this.#connections.end(settle);
  }

  #startedServer({ place }: PlannedExample): WatchedServer | undefined {
    return place?.kind === "server" ? this.#context.startedServer(place.name) : undefined;
  }

  /** Adds to the first failure how the server ended, if it did. @returns whether it did. */
  async #noteServerEnd(example: PlannedExample, records: readonly ExchangeRecord[]): Promise<boolean> {
    const record = records.find(({ failure }) => failure && failure.kind !== "unbound");
    const server = record && this.#startedServer(example);
    if (!record?.failure || !server) return false;
    const explained = await server.explain(record.failure, /^(?:closed|connect)$/.test(record.failure.kind));
    if (!explained) return false;
    record.failure = explained;
    if (example.xfail === undefined) await server.giveUp(`${this.#planned.path}:${explained.line}`);
    return true;
  }

  /** The same for the document's first connection. */
  async #withServerEnd(error: ConnectError, example: PlannedExample): Promise<ConnectError> {
    const server = this.#startedServer(example);
    const { message, line, isFirst, details } = error;
    const explained = await server?.explain({ message, details }, true);
    if (!explained) return error;
    await server?.giveUp(`${this.#planned.path}:${line}`);
    return new ConnectError(explained.message, line, isFirst, explained.details);
  }

  /** Why an example cannot be played, where it uses a name that is free only because an exchange was not tried. */
  #lacks(example: PlannedExample): string | undefined {
    if (this.#unbound.size === 0) return undefined;
    for (const step of example.steps) {
      if (step.kind !== "exchange") continue;
      for (const { name } of step.sends.flatMap(({ placeholders }) => placeholders)) {
        const line = this.#unbound.get(name);
        if (line !== undefined && this.#variables.get(name) === undefined)
          return `not tried: line ${line} binds {{${name}}}, and that line was not tried`;
      }
      for (const name of namesBoundBy(step)) this.#unbound.delete(name);
    }
    return undefined;
  }

  #skip(example: PlannedExample, skipped: string): Played {
    const records = example.steps.flatMap((step) => {
      if (step.kind === "control") return [];
      const record = new ExchangeRecord(step, example);
      record.skip(skipped);
      this.#noteUntried(record);
      return [record];
    });
    const played = { example, records, attempts: 0, ms: 0, skipped };
    this.#played.push(played);
    return played;
  }

  async #play(example: PlannedExample): Promise<Played> {
    const { retry, every } = example.settings;
    // What an example that is tried again begins with.
    const captures = retry > 0 ? new Map(this.#variables.captured) : undefined;
    const connections = retry > 0 ? new Set(this.#connections.all()) : undefined;
    const started = now();
    for (let attempt = 1; ; attempt++) {
      const records = await this.#attempt(example, attempt <= retry);
      const hasEnded = records !== undefined && (await this.#noteServerEnd(example, records));
      const again =
        attempt <= retry &&
        !hasEnded &&
        (!records || records.some(({ failure }) => failure && failure.kind !== "unbound"));
      if (records && !again) {
        if (retry > 0) for (const record of records) if (!record.skipped) this.#tell(record);
        const played = { example, records, attempts: attempt, ms: now() - started, skipped: undefined };
        this.#played.push(played);
        return played;
      }
      this.#variables.captured.clear();
      for (const [name, value] of captures ?? []) this.#variables.captured.set(name, value);
      this.#connections.abandon(connections);
      for (const connection of this.#connections.all()) connection.startOver(example);
      await this.#sleep(every);
    }
  }

  /** One try; undefined where the document's first connection cannot be opened, and may be tried again. */
  async #attempt(example: PlannedExample, mayTryAgain: boolean): Promise<readonly ExchangeRecord[] | undefined> {
    this.#connections.beginExample();
    const player = new Player(example.settings.retry === 0 ? this.#telling : this.#silent, example);
    try {
      await player.play();
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const explained = await this.#withServerEnd(error, example);
      if (explained === error && mayTryAgain) return undefined;
      throw explained;
    }
    for (const record of player.records) {
      if (record.failed) await record.compare(this.#variables);
      if (record.skipped) this.#noteUntried(record);
    }
    return player.records;
  }

  #noteUntried({ step }: ExchangeRecord): void {
    for (const name of namesBoundBy(step))
      if (this.#variables.get(name) === undefined) this.#unbound.set(name, step.line);
  }

  #tell(record: ExchangeRecord): void {
    const { emit, keepReplies, exchangeEvents } = this.#context;
    if (!exchangeEvents) return;
    const exchange = record.result(keepReplies);
    emit({ kind: "exchange", path: this.#planned.path, example: record.example.name, exchange });
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await sleep(ms, this.#context.signal);
    } catch {
      throw new Interrupted();
    }
  }

  #decided(played: Played): void {
    const example = this.#result(played);
    if (isFailed(example.status)) this.#context.noteFailure();
    this.#context.emit({ kind: "example", path: this.#planned.path, example });
  }

  #result({ example, records, attempts, ms, skipped }: Played): ExampleResult {
    const failed = records.some((record) => record.failed);
    let status: ExampleStatus = failed ? "failed" : "passed";
    if (skipped !== undefined) status = "skipped";
    else if (example.xfail !== undefined) status = failed ? "xfailed" : "xpassed";
    const exchanges: ExchangeResult[] = records.map((record) => record.result(this.#context.keepReplies));
    const { name, headings, line } = example;
    return { name, headings, line, status, reason: skipped ?? example.xfail, attempts, exchanges, ms };
  }
}

const namesBoundBy = ({ expects }: PlannedExchange): readonly string[] =>
  expects.flatMap(({ placeholders, groups }) => [...placeholders.map(({ name }) => name), ...groups]);
