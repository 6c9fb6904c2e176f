/** What the clients of one document have in common, and what becomes of it when its server is gone. */
import type { ByteString } from "../base/bytes.ts";
import type { Permissions } from "../plan/permissions.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";
import type { Registry } from "../plan/registry.ts";
import type { Unreachable } from "../play/context.ts";
import type { Note } from "../play/note.ts";
import { type Served, targetOf } from "../replay/servers.ts";
import { untriedNotes } from "../replay/untried.ts";
import type { WatchedServer } from "../replay/watched-server.ts";
import type { Transport } from "../transports/transport.ts";
import type { ClientContext } from "./client.ts";
import type { LoadError } from "./failures.ts";
import type { Meter } from "./meter.ts";
import type { Pace } from "./pace.ts";

export interface DocumentLoadContext {
  readonly registry: Registry;
  readonly permissions: Permissions;
  readonly meter: Meter;
  readonly pace: Pace;
  transport(scheme: string): Promise<Transport>;
  onCapture(name: string, value: ByteString): void;
  onRest(): void;
  onError(error: unknown): void;
  /** The load ends here: the server is gone, or there is none, which the error says. */
  giveUp(error?: LoadError): void;
}

export class DocumentLoad implements ClientContext {
  readonly document: PlannedDocument;
  readonly world: ClientContext["world"];
  readonly meter: Meter;
  readonly pace: Pace;
  readonly #servers: ReadonlyMap<string, Served>;
  readonly #context: DocumentLoadContext;
  /** Set once an exchange was played. */
  isReached = false;
  /** Resolves when it is known whether the server has ended. */
  explained: Promise<void> | undefined;

  constructor(document: PlannedDocument, servers: ReadonlyMap<string, Served>, context: DocumentLoadContext) {
    this.document = document;
    this.meter = context.meter;
    this.pace = context.pace;
    this.#servers = servers;
    this.#context = context;
    const { registry, permissions, transport, onCapture } = context;
    this.world = {
      registry,
      segment: undefined,
      allowsSocket: (path) => permissions.allowsSocket(path),
      transport,
      serverTarget: (name) => targetOf(servers.get(name) ?? ""),
      onCapture,
    };
  }

  onRest(): void {
    this.#context.onRest();
  }

  onError(error: unknown): void {
    this.#context.onError(error);
  }

  onUnreachable(example: PlannedExample, { line, message }: Unreachable): void {
    const { path } = this.document;
    if (this.isReached) {
      const note = untriedNotes(example, "")[0]!;
      note.skipReason = undefined;
      note.failUnsent("connect", line, message);
      this.meter.count(path, note, 0);
      return this.onFailure(note);
    }
    const server = this.#serverOf(example);
    this.#explain(async () => {
      const found = { message, details: [] };
      const { details = [], message: told } = (await server?.explain(found, true)) ?? found;
      this.#context.giveUp({ path, kind: "connect", line, column: 1, message: told, details });
    });
  }

  onFailure(note: Note): void {
    const { kind } = note.finding!;
    const server = this.#serverOf(note.example);
    if (!server || !(kind === "closed" || kind === "connect")) return;
    this.#explain(async () => {
      const hasEnded = await this.meter.failures.explain(this.document.path, note, (one) => server.explain(one, true));
      if (hasEnded) this.#context.giveUp();
    });
  }

  /** One at a time: a server ends once, and many clients find out. */
  #explain(work: () => Promise<void>): void {
    this.explained ??= work()
      .catch((error: unknown) => this.#context.onError(error))
      .finally(() => {
        this.explained = undefined;
      });
  }

  #serverOf({ place }: PlannedExample): WatchedServer | undefined {
    const server = place?.kind === "server" ? this.#servers.get(place.name) : undefined;
    return typeof server === "string" ? undefined : server;
  }
}
