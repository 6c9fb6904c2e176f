/** Documents that are served, and clients that say bytes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtins } from "../../src/builtins.ts";
import type { Config } from "../../src/plan/config/config.ts";
import type { DocumentResult, ExchangeResult, RunEvent } from "../../src/play/outcome.ts";
import { type ServeOptions, serve } from "../../src/serve/serve.ts";
import { render } from "../support/render.ts";

export interface Served {
  readonly url: string;
  readonly port: number;
  /** Ends it, as Ctrl-C does. */
  stop(): void;
  /** When it has ended. */
  readonly ended: Promise<Outcome>;
}

export interface Outcome {
  readonly exitCode: number;
  readonly document: DocumentResult;
  /** `LINE kind message` of each failure. */
  readonly failures: readonly string[];
  readonly exchanges: readonly ExchangeResult[];
  /** What `--mode match` told. */
  readonly told: readonly string[];
  readonly report: string;
}

/** Serves a file. */
export async function serveFile(options: ServeOptions): Promise<Served> {
  const controller = new AbortController();
  const { url, events } = await serve({ ...options, signal: controller.signal }, builtins);
  const ended = collect(events);
  // Awaited by the test, maybe after something else has failed.
  ended.catch(() => {});
  return { url, port: Number(/:(\d+)$/.exec(url)?.[1]), stop: () => controller.abort(), ended };
}

/** Serves a text. */
export async function serveText(text: string, options: Partial<ServeOptions> = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "wiredoc-serve-"));
  try {
    writeFileSync(join(folder, "page.md"), text);
    return await serveFile({ path: "page.md", cwd: folder, config: NO_CONFIG, timeout: PATIENCE, ...options });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Only what hangs takes so many milliseconds. */
const PATIENCE = 60_000;
const NO_CONFIG: Config = {
  path: undefined,
  folder: "/",
  documents: [],
  defaults: {},
  servers: {},
  vars: {},
  dialects: [],
};

async function collect(events: AsyncIterable<RunEvent>): Promise<Outcome> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  const [document] = all.flatMap((event) => (event.kind === "document-end" ? [event.document] : []));
  const end = all.at(-1);
  if (end?.kind !== "run-end" || !document) throw new Error("it did not end as it should");
  const exchanges = document.examples.flatMap((example) => example.exchanges);
  const failures = exchanges.flatMap(({ failure }) =>
    failure ? [`${failure.line} ${failure.kind} ${failure.message}`] : [],
  );
  const told = all.flatMap((event) => (event.kind === "server-output" ? [`${event.server} ${event.line}`] : []));
  return { exitCode: end.exitCode, document, failures, exchanges, told, report: await render(all) };
}

/** A client that says bytes. */
export class Client {
  readonly socket: Socket;
  received = "";
  #wake: () => void = () => {};
  hasEnded = false;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.received += text;
      this.#wake();
    });
    for (const event of ["end", "close", "error"])
      this.socket.on(event, () => {
        this.hasEnded = true;
        this.#wake();
      });
  }

  say(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** Waits until it has received this, in all. */
  async hears(text: string): Promise<void> {
    while (!this.received.startsWith(text) || this.received.length < text.length) {
      if (this.hasEnded) throw new Error(`it ended after ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** All that it receives up to the end. */
  async rest(): Promise<string> {
    while (!this.hasEnded)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.socket.destroy();
    return this.received;
  }
}
