/**
 * The connections of one document: opened at first use and again after either side closed, with the opening played on each
 * (format guide, sections 2, 3 and 5).
 */
import { decodeText } from "../base/bytes.ts";
import { DEFAULT_PORTS } from "../base/ports.ts";
import type { TlsOptions } from "../base/settings.ts";
import { type Codec, type Dialect, isOptionError } from "../dialects/dialect.ts";
import type { Part } from "../match/parts.ts";
import { socketMessage } from "../plan/leave.ts";
import { remoteMessage } from "../plan/places.ts";
import type { Place, PlannedExample } from "../plan/planned.ts";
import { findDialect, type Registry } from "../plan/registry.ts";
import type { Variables } from "../plan/variables.ts";
import { isLoopback, parseTarget, TargetError } from "../transports/target.ts";
import type { ConnectFailure, Connection, Target, Transport } from "../transports/transport.ts";
import { AnytimeFilter } from "./anytime.ts";
import { connectProblem, tooLate } from "./connect-problem.ts";
import { OpenConnection } from "./connection.ts";
import { untilClosed } from "./controls.ts";
import { Interrupted } from "./interrupted.ts";
import { Link } from "./link.ts";
import { type PlayContext, Player } from "./player.ts";
import type { ExchangeRecord } from "./record.ts";

/** A connection could not be opened. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** The document's line that needed it. */
  readonly line: number;
  /** Whether it is the first of the document, which then is not run at all. */
  readonly isFirst: boolean;
  /** Further lines: the last output of a server that ended. */
  readonly details: readonly string[];
  constructor(message: string, line: number, isFirst: boolean, details: readonly string[] = []) {
    super(message);
    this.line = line;
    this.isFirst = isFirst;
    this.details = details;
  }
}

/** An opening did not go as written; its exchange says how. */
export class OpeningFailed extends Error {
  override readonly name = "OpeningFailed";
  readonly record: ExchangeRecord;
  constructor(record: ExchangeRecord) {
    super("the opening failed");
    this.record = record;
  }
}

/** What the connections of a document need from outside. */
export interface ConnectionsContext {
  readonly registry: Registry;
  readonly variables: Variables;
  readonly signal: AbortSignal;
  readonly documentPlace: Place | undefined;
  /** Whether documents may name this Unix socket. */
  allowsSocket(path: string): boolean;
  transport(scheme: string): Promise<Transport>;
  /** The address of a server that runs or is named in the config file. */
  serverTarget(name: string): string;
}

export class Connections {
  readonly #context: ConnectionsContext;
  readonly #open = new Map<string, OpenConnection>();
  /** URLs of `=== connect URL`, by the connection's name; they last to the end of their example. */
  readonly #elsewhere = new Map<string, { readonly url: string; readonly dialect: Dialect }>();
  /** The one used last, by an example whose names lead where they led then. */
  #last: { readonly name: string; readonly example: PlannedExample; readonly connection: OpenConnection } | undefined;
  /** Exchanges for which more came after they had been decided. */
  readonly changed: Set<ExchangeRecord> = new Set<ExchangeRecord>();
  /** The last opening that failed in a way of its own. */
  #failedOpening: ExchangeRecord | undefined;
  #openedAny = false;
  opening: PlannedExample | undefined;
  anytime: readonly PlannedExample[] = [];

  constructor(context: ConnectionsContext) {
    this.#context = context;
    // One listener for the run: one for each wait would cost more than the wait.
    context.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    for (const connection of this.all()) connection.interrupt();
  };

  all(): readonly OpenConnection[] {
    return [...this.#open.values()];
  }

  /** An example begins: names lead to its own target again. */
  beginExample(): void {
    if (this.#elsewhere.size > 0) this.#elsewhere.clear();
  }

  #address(
    name: string,
    example: PlannedExample,
  ): { readonly url: string; readonly dialect: Dialect; readonly tls: TlsOptions } {
    const elsewhere = this.#elsewhere.get(name);
    if (elsewhere) return { ...elsewhere, tls: example.place?.tls ?? {} };
    const { place, dialect } = example;
    if (!place) return { url: "", dialect, tls: {} };
    if (place.kind === "server") return { url: this.#context.serverTarget(place.name), dialect, tls: place.tls };
    return { url: decodeText(this.#context.variables.evaluate(place.url) ?? ""), dialect, tls: place.tls };
  }

  #key(name: string, example: PlannedExample): string {
    const { url, dialect } = this.#address(name, example);
    return `${name} ${dialect.name} ${url}`;
  }

  /** The open connection of a name; `closedToo`: also one that the server has closed. */
  current(name: string, example: PlannedExample, closedToo = false): OpenConnection | undefined {
    const connection = this.#open.get(this.#key(name, example));
    return connection && (closedToo || !connection.link.closed) ? connection : undefined;
  }

  /** The connection of a name if it is open and can be used as it is: the common case, told without waiting. */
  ready(name: string, example: PlannedExample): OpenConnection | undefined {
    const last = this.#last;
    const known =
      last?.example === example && last.name === name ? last.connection : this.#open.get(this.#key(name, example));
    if (!known || !isUsable(known)) return undefined;
    if (known !== last?.connection || last.example !== example) this.#last = { name, example, connection: known };
    return known;
  }

  /**
   * The connection of a name, opened where it is not open (any more). It is a closed one where the document does not say
   * that the server closes it, and for an exchange that sends nothing where something waits on it.
   * @throws {ConnectError} {@link OpeningFailed} {@link Interrupted}
   */
  async use(
    name: string,
    example: PlannedExample,
    line: number,
    sends: boolean,
    context: PlayContext,
  ): Promise<OpenConnection> {
    const known = this.#open.get(this.#key(name, example));
    if (known && (isUsable(known) || isLostTo(known, example) || (!sends && known.hasWaiting))) return known;
    if (known) {
      await this.#finish(known, example.settings.settle);
      this.forget(known);
    }
    return this.connect(name, example, line, context);
  }

  /** Opens a connection; with a `url` there, and without the opening. @throws as {@link use} */
  async connect(
    name: string,
    example: PlannedExample,
    line: number,
    context: PlayContext,
    url?: string,
  ): Promise<OpenConnection> {
    const { registry, variables } = this.#context;
    if (url !== undefined) {
      const scheme = /^[A-Za-z][A-Za-z0-9+.-]*/.exec(url)?.[0].toLowerCase() ?? "";
      const byScheme = findDialect(registry, registry.schemes[scheme] ?? "line");
      this.#last = undefined;
      this.#elsewhere.set(name, { url, dialect: example.dialectByScheme && byScheme ? byScheme : example.dialect });
    }
    const address = this.#address(name, example);
    const target = this.#target(address.url, address.tls, example, url !== undefined, line);
    if (url !== undefined) await this.#load(address.dialect, example, line);
    const connection = await this.#dial(target, example.settings.timeout, line);
    this.#openedAny = true;
    const link = new Link(target, connection, this.codec(example, address.dialect, target));
    const anytime = new AnytimeFilter(
      () => (isSamePlace(example.place, this.#context.documentPlace) ? this.anytime : []),
      variables,
      hostOf(target),
      (bytes) => link.send(bytes),
    );
    const open = new OpenConnection(link, name, address.dialect, anytime);
    this.#open.set(this.#key(name, example), open);
    if (url === undefined && this.opening && isSamePlace(example.place, this.#context.documentPlace))
      await this.#playOpening(this.opening, open, context);
    return open;
  }

  /** The dialect of a URL that only the run knew is not ready yet. */
  async #load(dialect: Dialect, { settings }: PlannedExample, line: number): Promise<void> {
    try {
      await dialect.load?.(settings.options[dialect.name] ?? {});
    } catch (error) {
      if (!isOptionError(error)) throw error;
      throw new ConnectError(error.message, line, !this.#openedAny);
    }
  }

  codec(example: PlannedExample, dialect: Dialect, target: Target): Codec {
    const { eol, limit, options } = example.settings;
    return dialect.createCodec("client", { eol, limit, host: hostOf(target), options: options[dialect.name] ?? {} });
  }

  #target(url: string, tls: TlsOptions, example: PlannedExample, isControl: boolean, line: number): Target {
    let target: Target;
    try {
      target = parseTarget(url, tls, Object.keys(this.#context.registry.schemes));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      throw new ConnectError(error.message, line, !this.#openedAny);
    }
    const isOfDocument = isControl || (example.place?.kind === "url" && example.place.span !== undefined);
    if (isOfDocument && !isLoopback(target)) throw new ConnectError(remoteMessage(target), line, !this.#openedAny);
    if (isOfDocument && target.scheme === "unix" && !this.#context.allowsSocket(target.path))
      throw new ConnectError(socketMessage(target.path), line, !this.#openedAny);
    return target;
  }

  async #dial(target: Target, timeout: number, line: number): Promise<Connection> {
    const { signal } = this.#context;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeout);
    const stop = (): void => late.abort();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const transport = await this.#context.transport(target.scheme);
      return await transport.connect(target, late.signal);
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      const why = late.signal.aborted ? tooLate(timeout, target) : connectProblem(error as ConnectFailure, target);
      throw new ConnectError(`cannot connect to ${target.url}: ${why}`, line, !this.#openedAny);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  async #playOpening(opening: PlannedExample, open: OpenConnection, context: PlayContext): Promise<void> {
    const { onExchange: _, ...quiet } = context;
    for (const name of opening.captures) this.#context.variables.captured.delete(name);
    const player = new Player(quiet, opening, open);
    await player.play();
    const failed = player.records.find((record) => record.failed);
    if (!failed) return;
    if (this.#failedOpening && isAlike(this.#failedOpening, failed)) failed.repeat();
    else this.#failedOpening = failed;
    this.forget(open);
    throw new OpeningFailed(failed);
  }

  /** Closes a connection and looks no further. */
  forget(connection: OpenConnection): void {
    this.#last = undefined;
    connection.close();
    for (const [key, open] of this.#open) if (open === connection) this.#open.delete(key);
  }

  /**
   * Ends all connections, but those to keep, as a client that has said everything: half-closes where there is but one, and
   * reads until the server closes or is silent. What still comes is extra output of the exchange that last used it.
   */
  async end(settle: number, keep?: ReadonlySet<OpenConnection>): Promise<void> {
    const ending = this.all().filter((connection) => !keep?.has(connection));
    // Where one of several hangs up, the server may well tell the others: that is no output of theirs.
    const hangsUp = ending.filter(({ link }) => !link.closed).length === 1;
    await Promise.all(ending.map((connection) => this.#finish(connection, settle, hangsUp)));
    for (const connection of ending) this.forget(connection);
  }

  async #finish(connection: OpenConnection, settle: number, hangsUp = true): Promise<void> {
    const { lastUser, link } = connection;
    if (lastUser && !link.closed) {
      if (hangsUp) link.halfClose();
      await untilClosed(connection, settle, true);
    }
    if (!lastUser) return;
    const { variables, signal } = this.#context;
    const player = new Player(
      { connections: this, variables, signal, keepReplies: true, onCapture: () => {} },
      lastUser.example,
    );
    player.checkExtra(connection, "at the end");
    if (lastUser.failed) this.changed.add(lastUser);
    await this.compareChanged();
  }

  /** Works out anew what reports show of exchanges for which more came after they had been decided. */
  async compareChanged(): Promise<void> {
    for (const record of this.changed) if (record.failed) await record.compare(this.#context.variables);
    this.changed.clear();
  }

  /** Closes everything at once. */
  abandon(keep?: ReadonlySet<OpenConnection>): void {
    for (const connection of this.all()) if (!keep?.has(connection)) this.forget(connection);
  }

  dispose(): void {
    this.#context.signal.removeEventListener("abort", this.#onAbort);
    this.abandon();
  }
}

/** Whether two places are written alike, so that what belongs to the one belongs to the other. */
function isSamePlace(one: Place | undefined, other: Place | undefined): boolean {
  if (one === other) return true;
  if (one?.kind === "server") return other?.kind === "server" && one.name === other.name;
  return one !== undefined && other?.kind === "url" && writtenUrl(one.url) === writtenUrl(other.url);
}

const writtenUrl = (parts: readonly Part[]): string =>
  parts.map((part) => (part.kind === "text" ? part.bytes : `{{${part.name}|${part.filter ?? ""}}}`)).join("");

/** Whether two openings failed alike, so that one comparison shows both. What came may hold an ID or the time. */
const isAlike = ({ failure: one }: ExchangeRecord, { failure: other }: ExchangeRecord): boolean =>
  one?.kind === other?.kind && one?.line === other?.line;

/** Whether an example needs a connection that the server has closed, and no failure of an example before says so. */
const isLostTo = ({ isLost, lastUser }: OpenConnection, example: PlannedExample): boolean =>
  isLost && !(lastUser?.failed && lastUser.example !== example);

const isUsable = ({ link }: OpenConnection): boolean => !link.closed && !link.framingError && !link.codec.over;

const hostOf = ({ host, port, scheme }: Target): string => {
  const name = host.includes(":") ? `[${host}]` : host || "localhost";
  return port === 0 || port === DEFAULT_PORTS[scheme] ? name : `${name}:${port}`;
};
