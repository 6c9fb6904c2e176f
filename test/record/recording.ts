/** Feeds a recorder as a proxy does, with a number for a clock. */
import { builtins } from "../../src/builtins.ts";
import { DocumentText } from "../../src/record/document-file.ts";
import { type RecordedConnection, Recorder } from "../../src/record/recorder.ts";
import { settingOf } from "../../src/record/setting.ts";

/** The present of these recordings. */
export const PRESENT: number = Date.parse("2026-01-02T03:04:05Z");

export class Recording {
  readonly recorder: Recorder;
  readonly warnings: string[] = [];
  readonly #sink: DocumentText;
  #now = 0;

  private constructor(recorder: (sink: DocumentText, warn: (message: string) => void) => Recorder) {
    this.#sink = new DocumentText();
    this.recorder = recorder(this.#sink, (message) => this.warnings.push(message));
  }

  static async of(target: string, dialect?: string): Promise<Recording> {
    const given = { config: undefined, timeout: undefined, settle: undefined, limit: undefined, cwd: "/" };
    const setting = await settingOf({ ...given, target, dialect }, builtins);
    return new Recording((sink, warn) => new Recorder(setting, sink, warn, () => PRESENT));
  }

  /** Later moments are later by this many milliseconds. */
  pass(ms: number): void {
    this.#now += ms;
  }

  connect(name?: string): Overheard {
    return new Overheard(this.recorder.connect(name), () => this.#now);
  }

  /** The document as it is at this moment. */
  get text(): string {
    return this.#sink.text;
  }

  /** The lines of its blocks. */
  get lines(): string {
    return [...this.text.matchAll(/^```wire\n(.*?)^```\n/gms)].map(([, lines]) => lines).join("---\n");
  }

  end(): string {
    this.recorder.end(this.#now);
    return this.lines;
  }
}

/** One connection. Texts are bytes, one a character. */
export class Overheard {
  readonly recorded: RecordedConnection;
  readonly #now: () => number;

  constructor(recorded: RecordedConnection, now: () => number) {
    this.recorded = recorded;
    this.#now = now;
  }

  client(text: string): this {
    this.recorded.bytes("client", Buffer.from(text, "latin1"), this.#now());
    return this;
  }

  server(text: string): this {
    this.recorded.bytes("server", Buffer.from(text, "latin1"), this.#now());
    return this;
  }

  /** Both parties end, this one first. */
  close(first: "client" | "server" = "client"): void {
    this.recorded.ended(first, this.#now());
    this.recorded.ended(first === "client" ? "server" : "client", this.#now());
  }
}
