/**
 * Many documents: which run side by side and which one after another, and the servers that they need (cli guide,
 * `--jobs`; config file, `scope`).
 */
import type { ByteString } from "../base/bytes.ts";
import type { WiredocError } from "../base/error.ts";
import { loadOs } from "../base/packages.ts";
import type { Permissions } from "../plan/permissions.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";
import type { Registry } from "../plan/registry.ts";
import type { DocumentError, DocumentResult, RunEvent } from "../play/outcome.ts";
import { ServerError } from "../servers/server.ts";
import type { Transport } from "../transports/transport.ts";
import { replayDocument } from "./document.ts";
import { type Served, Servers, type ServersContext, serversOf, targetOf } from "./servers.ts";
import type { Updating, Written } from "./update.ts";
import type { WatchedServer } from "./watched-server.ts";

export interface ScheduleContext extends ServersContext {
  readonly registry: Registry;
  readonly permissions: Permissions;
  readonly signal: AbortSignal;
  emit(event: RunEvent): void;
  transport(scheme: string): Promise<Transport>;
  /** Called with each captured value. */
  onCapture(name: string, value: ByteString): void;
}

const playedExamples = ({ examples }: PlannedDocument): readonly PlannedExample[] =>
  examples.filter(({ role }) => role === "example");

/** Replays documents. @returns their results in the order of the documents, without documents that an interruption left out. */
export async function schedule(
  documents: readonly PlannedDocument[],
  context: ScheduleContext,
): Promise<readonly DocumentResult[]> {
  const scheduler = new Scheduler(context);
  try {
    return await scheduler.run(documents);
  } finally {
    await scheduler.stop();
  }
}

/** At most this many documents wait for their connections to end, as these stay open. */
const MOST_ENDING = 100;

class Scheduler {
  readonly #context: ScheduleContext;
  readonly #servers: Servers;
  /** Of each document under way: a signal of its own, as hundreds may listen and Node takes that many listeners for a leak. */
  readonly #underWay = new Set<AbortController>();
  readonly #onAbort = (): void => {
    for (const controller of this.#underWay) controller.abort(this.#context.signal.reason);
  };
  /** The documents that reported first why a server did not start. */
  readonly #startErrors = new Map<ServerError, string>();
  #failures = 0;

  constructor(context: ScheduleContext) {
    this.#context = context;
    this.#servers = new Servers(context);
    context.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  async run(documents: readonly PlannedDocument[]): Promise<readonly DocumentResult[]> {
    const { options, signal } = this.#context;
    const results: (DocumentResult | undefined)[] = documents.map(() => undefined);
    const jobs = documents.length < 2 ? 1 : (options.jobs ?? loadOs().availableParallelism());
    const queue = [...documents.entries()];
    // Documents that share a server wait for each other, unless the person who runs them says otherwise.
    let sharedBusy = false;
    const ending = new Set<Promise<void>>();
    const worker = async (): Promise<void> => {
      let before: Promise<void> = Promise.resolve();
      while (!signal.aborted) {
        const at = queue.findIndex(([, document]) => !(sharedBusy && this.#sharesServer(document)));
        if (at < 0) return;
        const [index, document] = queue.splice(at, 1)[0]!;
        const shares = this.#sharesServer(document);
        if (shares) sharedBusy = true;
        // The ends of a document's connections may be awaited while the next one is played.
        let onPlayed = (): void => {};
        const played = new Promise<void>((resolve) => {
          onPlayed = resolve;
        });
        const whole = this.#document(document, onPlayed, before).then((result) => {
          results[index] = result;
          ending.delete(whole);
        });
        ending.add(whole);
        // It is awaited below; a failure meanwhile is not unhandled.
        before = whole.catch(() => {});
        await Promise.race([played, whole]);
        if (shares) sharedBusy = false;
        if (ending.size > MOST_ENDING) await Promise.race(ending);
      }
    };
    const workers = Array.from({ length: Math.max(1, Math.min(jobs, documents.length)) }, worker);
    try {
      await Promise.all(workers);
      await Promise.all(ending);
    } catch (mistake) {
      // The run fails as a whole: the other documents end here.
      queue.length = 0;
      this.#onAbort();
      await Promise.allSettled([...workers, ...ending]);
      throw mistake;
    }
    return results.filter((result) => result !== undefined);
  }

  /** Whether a document's examples go anywhere but to servers of its own. */
  #sharesServer(document: PlannedDocument): boolean {
    if (this.#context.options.jobs !== undefined) return false;
    return document.examples.some(({ place }) => place?.kind !== "server" || !this.#servers.isOwn(place.name));
  }

  /** @param before the end of the document that was played before: ends are told in the order of the documents. */
  async #document(document: PlannedDocument, onPlayed: () => void, before: Promise<void>): Promise<DocumentResult> {
    const { emit } = this.#context;
    const { path } = document;
    emit({ kind: "document-start", path, examples: playedExamples(document).length });
    const result =
      document.errors.length > 0
        ? notRun(document, document.errors.map(documentError))
        : await this.#play(document, onPlayed);
    await before;
    emit({ kind: "document-end", path, document: result });
    return result;
  }

  /**
   * Plays a document; more than once for `--repeat`, and twice where what differs between the plays is to be found out
   * (`--update=all`).
   */
  async #play(document: PlannedDocument, onPlayed: () => void): Promise<DocumentResult> {
    const { update, secrets = [], repeat = 1, cwd = process.cwd() } = this.#context.options;
    if (!update && repeat > 1) return this.#rounds(document, repeat, onPlayed);
    const updating = update && { ...update, cwd, secrets };
    if (updating?.which !== "all") return this.#replay(document, onPlayed, updating);
    let written: Written | undefined;
    const onWritten = (one: Written): void => {
      written = one;
    };
    const result = await this.#replay(document, () => {}, { ...updating, onWritten });
    if (!written || this.#context.signal.aborted) return result;
    const again = await document.replan(written.text, written.moved);
    if (again.errors.length > 0) return result;
    const { errors } = await this.#replay(again, onPlayed, { ...updating, updated: written.lines });
    return { ...result, errors: errors.filter(({ kind }) => kind === "update") };
  }

  async #rounds(document: PlannedDocument, repeat: number, onPlayed: () => void): Promise<DocumentResult> {
    const { Rounds } = await import("./rounds.ts");
    const rounds = new Rounds(document);
    for (let round = 1; round <= repeat; round++) {
      const result = await this.#replay(document, round === repeat ? onPlayed : () => {}, undefined);
      rounds.add(result);
      if (result.errors.length > 0 || result.interrupted || this.#isStopped()) break;
      // It may come while the servers of a round stop.
      if (this.#context.signal.aborted && round < repeat) return { ...rounds.result, interrupted: true };
    }
    return rounds.result;
  }

  async #replay(
    document: PlannedDocument,
    onPlayed: () => void,
    update: Updating | undefined,
  ): Promise<DocumentResult> {
    const { options, registry, emit, transport, onCapture } = this.#context;
    const isTold = update?.updated === undefined;
    const controller = new AbortController();
    const { signal } = controller;
    this.#underWay.add(controller);
    if (this.#context.signal.aborted) this.#onAbort();
    const own: WatchedServer[] = [];
    const servers = new Map<string, Served>();
    try {
      for (const name of serversOf(document)) servers.set(name, await this.#servers.start(name, own, signal));
      return await replayDocument(
        document,
        {
          registry,
          allowsSocket: (path) => this.#context.permissions.allowsSocket(path),
          signal,
          segment: options.segment,
          pipeline: options.pipeline ?? 0,
          emit: isTold ? emit : () => {},
          transport,
          onCapture,
          serverTarget: (name) => targetOf(servers.get(name) ?? ""),
          startedServer: (name) => {
            const server = servers.get(name);
            return typeof server === "string" ? undefined : server;
          },
          keepReplies: (options.keepReplies ?? true) || options.update?.which === "all",
          update,
          progressEvents: options.progressEvents ?? true,
          noteFailure: () => {
            if (isTold) this.#failures++;
          },
          isStopped: () => isTold && this.#isStopped(),
        },
        onPlayed,
      );
    } catch (error) {
      if (signal.aborted) return { ...notRun(document, []), examples: [], interrupted: true };
      if (!(error instanceof ServerError)) {
        // A connection that is being opened is not needed any more.
        controller.abort();
        throw error;
      }
      return notRun(document, [this.#startError(error, document)]);
    } finally {
      this.#underWay.delete(controller);
      await Promise.all(own.map((server) => server.stop()));
    }
  }

  /** Why a server did not start: its output is told once, however many documents share it. */
  #startError(error: ServerError, { path, place }: PlannedDocument): DocumentError {
    const { line = 1, column = 1 } = place?.span ?? {};
    const first = this.#startErrors.get(error);
    if (first !== undefined)
      return { kind: "server", line, column, message: `${error.message} (see ${first})`, details: [] };
    this.#startErrors.set(error, path);
    const details = error.output.split("\n").filter((text) => text !== "");
    return { kind: "server", line, column, message: error.message, details };
  }

  #isStopped(): boolean {
    const { bail } = this.#context.options;
    return bail !== undefined && this.#failures >= bail;
  }

  async stop(): Promise<void> {
    this.#context.signal.removeEventListener("abort", this.#onAbort);
    await this.#servers.stop();
  }
}

function documentError({ message, span, code }: WiredocError): DocumentError {
  return {
    kind: "document",
    line: span?.line ?? 1,
    column: span?.column ?? 1,
    message: `${message} [${code}]`,
    details: [],
  };
}

function notRun(document: PlannedDocument, errors: readonly DocumentError[]): DocumentResult {
  const examples = playedExamples(document).map((example) => ({
    name: example.name,
    headings: example.headings,
    line: example.line,
    status: "skipped" as const,
    reason: "the document was not run",
    attempts: 0,
    exchanges: [],
    ms: 0,
  }));
  return { path: document.path, errors, examples, interrupted: false, ms: 0 };
}
