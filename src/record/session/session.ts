/** A session: what is typed goes to the server, and what both say becomes a document. */
import { sleep } from "../../base/clock.ts";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import type { Control } from "../../transcript/model.ts";
import type { Target, Transport } from "../../transports/transport.ts";
import type { RecordedConnection, Recorder } from "../recorder.ts";
import type { Setting } from "../setting.ts";
import { Call } from "./call.ts";
import { ReplyText } from "./reply-text.ts";
import { readTyped, SessionError } from "./typed-line.ts";

export interface SessionOptions {
  readonly recorder: Recorder;
  readonly setting: Setting;
  readonly target: Target;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Whether each line waits for the reply to the one before, as in a session that is piped in. */
  readonly isPatient: boolean;
  /** Reply lines for the user, in the order they came. */
  show(lines: readonly string[]): void;
  /** Something else for the user to know. */
  tell(message: string): void;
  /** The document cannot be written. */
  failed(error: unknown): void;
}

export class Session {
  /** The connection that lines without a marker are said on. */
  on = "";
  readonly #options: SessionOptions;
  readonly #calls = new Map<string, Call>();
  #number = 0;
  /** Whether the server speaks first, so that its greeting is awaited. */
  #greets = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Opens the first connection: a server may greet. @throws what the transport says. */
  async begin(): Promise<void> {
    const call = await this.#open("");
    if (!this.#options.isPatient || !this.#isLines) return;
    await call.answered();
    this.#greets = call.hasHeard;
  }

  get #isLines(): boolean {
    return /^(?:line|hex)$/.test(this.#options.setting.dialect.name);
  }

  /** Takes a typed line. @throws {SessionError} for a mistake in it; what the transport says. */
  async take(text: string): Promise<void> {
    const { setting, isPatient } = this.#options;
    const typed = readTyped(text, this.on, ++this.#number, setting.dialect, setting.eol ?? "crlf");
    if (typed.kind === "control") return this.#act(typed.control);
    this.on = typed.on;
    const call = await this.#callOf(typed.on);
    const lines = call.draft.add(typed.line);
    call.say(lines);
    if (isPatient && lines.length > 0) await call.answered();
  }

  async #callOf(name: string): Promise<Call> {
    const known = this.#calls.get(name);
    if (known && !known.isOver) return known;
    const call = await this.#open(name);
    if (this.#greets) await call.answered();
    return call;
  }

  async #open(name: string): Promise<Call> {
    const { setting, target, transport, recorder, signal, show, tell, failed } = this.#options;
    const { dialect, timeout, settle, eol, limit, host, options } = setting;
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const connection = await transport.connect(target, within);
    const recorded: RecordedConnection = recorder.connect(name === "" ? undefined : name);
    const text = new ReplyText(eol, dialect);
    const call = new Call({
      ...{ connection, target, recorded, timeout, settle, signal, tell, failed },
      isHttp: dialect.name === "http",
      createCodec: () => dialect.createCodec({ eol: eol ?? "crlf", limit, host, options }),
      show: (lines) => show(text.of(lines).map((line) => (name === "" ? line : `${name}<<< ${line}`))),
    });
    this.#calls.set(name, call);
    return call;
  }

  async #act({ verb, argument, connection: on }: Control): Promise<void> {
    this.on = on;
    if (verb === "connect") return this.#connect(on, argument);
    if (verb === "wait") return this.#wait(on, argument);
    const call = this.#calls.get(on);
    if (!call || call.isOver) {
      if (verb === "closed") return;
      throw new SessionError(`no connection is open: type a line first, or "=== connect"`);
    }
    this.#send(call);
    if (verb !== "silence") return call.act(verb);
    if (!(await call.silence(this.#duration(argument)))) throw new SessionError(`it was not silent for ${argument}`);
    call.note(`silence ${argument}`);
  }

  async #connect(on: string, url: string): Promise<void> {
    if (url !== "") throw new SessionError(`a session has one server: start another one with --target ${url}`);
    const call = this.#calls.get(on);
    if (call && !call.isOver) throw new SessionError("the connection is open: close it first with === close");
    const opened = await this.#open(on);
    opened.note("connect");
  }

  async #wait(on: string, argument: string): Promise<void> {
    const ms = this.#duration(argument);
    await sleep(ms, this.#options.signal).catch(() => {});
    const call = this.#calls.get(on);
    if (call && !call.isOver) call.note(`wait ${formatDuration(ms)}`);
  }

  #duration(text: string): number {
    const ms = parseDuration(text);
    if (ms === undefined) throw new SessionError(`invalid duration "${text}": use for example 500ms, 2s or 1m`);
    return ms;
  }

  /** Sends what was typed of a request. */
  #send(call: Call): void {
    call.say(call.draft.take());
  }

  /** Nothing more is typed: what was begun is sent, and all connections are closed. @throws {SessionError} */
  async end(): Promise<void> {
    for (const call of this.#calls.values()) {
      if (call.isOver || call.draft.isEmpty) continue;
      this.#send(call);
      await call.answered();
    }
    for (const call of this.#calls.values()) if (!call.isOver) await call.leave();
    this.close();
  }

  close(): void {
    for (const call of this.#calls.values()) call.hangUp();
  }
}
