/** Serves one document: plans it, listens, and tells what its clients did (`wiredoc serve`). */
import { now } from "../base/clock.ts";
import { DocumentErrors, WiredocError } from "../base/error.ts";
import type { RunOptions } from "../plan/options.ts";
import { type Plan, plan } from "../plan/plan.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import type { Registry } from "../plan/registry.ts";
import type { DocumentResult, RunEvent } from "../play/outcome.ts";
import { EventQueue } from "../replay/events.ts";
import { countResults } from "../replay/tally.ts";
import { type Listener, listen, type ServerCertificate } from "../transports/listen.ts";
import type { Target } from "../transports/transport.ts";
import { type Address, type ServedAddress, servedAddress, servedUrl } from "./address.ts";
import { Lobby } from "./lobby.ts";
import { serveMatches } from "./match.ts";
import { serveScript } from "./script.ts";

export type Mode = "script" | "match";

export interface ServeOptions
  extends Pick<
    RunOptions,
    | "cwd"
    | "config"
    | "vars"
    | "allow"
    | "grep"
    | "tags"
    | "timeout"
    | "settle"
    | "limit"
    | "strict"
    | "dialects"
    | "keepReplies"
  > {
  /** The document, with `:LINE` for one of its examples. */
  readonly path: string;
  /** Default: a free port of 127.0.0.1, or the Unix socket that the document names. */
  readonly listen?: Address;
  readonly certificate?: ServerCertificate;
  /** `script` (default): the examples in order, once; `match`: each request is answered by the first one that it matches. */
  readonly mode?: Mode;
  /** In the mode `match`: whether each request is told, and not only those that no example matches. */
  readonly verbose?: boolean;
  readonly signal?: AbortSignal;
}

/** A document that is served. */
export interface Service {
  /** The URL for clients. */
  readonly url: string;
  /** What clients do; `run-end` comes last. To leave the loop early ends the service. */
  readonly events: AsyncIterable<RunEvent>;
}

/** The address cannot be listened on. `cause` is what the system says. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly at: Address;
  constructor(at: Address, cause: Error) {
    super(cause.message, { cause });
    this.at = at;
  }
}

/**
 * @throws {WiredocError}, {DocumentErrors} where options or the document are wrong.
 * @throws {ListenError}
 */
export async function serve(options: ServeOptions, registry: Registry): Promise<Service> {
  const { path, ...rest } = options;
  const planned = await plan({ ...rest, paths: [path], served: true }, registry);
  const document = onlyDocument(planned, path);
  const address = servedAddress(document, planned, options.listen, options.certificate);
  const lobby = new Lobby(targetOf(address));
  const listener = await startListening(address, lobby);
  return { url: servedUrl(address, listener), events: play(document, { options, lobby, listener }) };
}

function onlyDocument({ documents }: Plan, path: string): PlannedDocument {
  const [document, other] = documents;
  if (!document || other)
    throw new WiredocError("usage", `wiredoc serve takes one document, and "${path}" names ${documents.length}`);
  if (document.errors.length > 0) throw new DocumentErrors(document.errors);
  if (!document.examples.some(({ role, skip }) => role === "example" && skip === undefined))
    throw new WiredocError("usage", `"${path}" has no example to serve`);
  return document;
}

const targetOf = ({ scheme }: ServedAddress): Target => ({ url: "", scheme, host: "", port: 0, path: "", tls: {} });

async function startListening(address: ServedAddress, lobby: Lobby): Promise<Listener> {
  try {
    return await listen(address, { connected: (connection) => lobby.enter(connection), refused: () => {} });
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    // The certificate or its key is wrong.
    if (syscall === undefined)
      throw new WiredocError("usage", `--tls-cert and --tls-key cannot be used: ${(cause as Error).message} (${code})`);
    throw new ListenError(address.at, cause as Error);
  }
}

interface Playing {
  readonly options: ServeOptions;
  readonly lobby: Lobby;
  readonly listener: Listener;
}

async function* play(
  document: PlannedDocument,
  { options, lobby, listener }: Playing,
): AsyncGenerator<RunEvent, void, undefined> {
  const started = now();
  const { path } = document;
  const examples = document.examples.filter(({ role }) => role === "example").length;
  const warnings = document.warnings.map(({ message, code, span }) => {
    const { line = 1, column = 1 } = span ?? {};
    return { path, line, column, message: `${message} [${code}]` };
  });
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const queue = new EventQueue<RunEvent>();
  const whole = playToEnd(document, { options, lobby, listener }, signal, (event) => queue.push(event));
  whole.then(
    () => queue.end(),
    (error) => queue.end(error),
  );
  try {
    yield { kind: "run-start", documents: [{ path, examples }], config: undefined, warnings };
    yield { kind: "document-start", path, examples };
    yield* queue;
  } finally {
    left.abort();
    await whole.catch(() => {});
  }
  const result = await whole;
  yield { kind: "document-end", path, document: result };
  const exitCode = exitCodeOf(result);
  const counts = countResults([result]);
  const { interrupted } = result;
  yield { kind: "run-end", ok: exitCode === 0, interrupted, exitCode, durationMs: now() - started, counts };
}

async function playToEnd(
  document: PlannedDocument,
  { options, lobby, listener }: Playing,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
): Promise<DocumentResult> {
  try {
    const { keepReplies = true, mode = "script" } = options;
    if (mode === "match") return await playMatches(document, { options, lobby, listener }, signal, emit);
    return await serveScript(document, { lobby, signal, keepReplies, emit });
  } finally {
    listener.close();
    if (signal.aborted) lobby.destroy();
    else await lobby.close();
  }
}

/** Tells each request; nothing is kept of it. */
async function playMatches(
  document: PlannedDocument,
  { options: { verbose = false }, lobby }: Playing,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
): Promise<DocumentResult> {
  const started = now();
  const { path } = document;
  await serveMatches(document, {
    lobby,
    signal,
    onRequest(text, at) {
      if (at === undefined) emit({ kind: "server-output", server: path, line: `no example matches: ${text}` });
      else if (verbose) emit({ kind: "server-output", server: `${path}:${at}`, line: text });
    },
  });
  return { path, errors: [], examples: [], interrupted: true, ms: now() - started };
}

/** An interrupt is the normal end of a server. */
const exitCodeOf = ({ interrupted, examples }: DocumentResult): number =>
  !interrupted && examples.some(({ status }) => status === "failed") ? 1 : 0;
