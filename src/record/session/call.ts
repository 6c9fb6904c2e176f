/** One connection of a session: says what is typed, and hears what the server says. */
import { now } from "../../base/clock.ts";
import type { Codec, Decoded, OutgoingLine } from "../../dialects/codec.ts";
import { isFramingError, isLineError } from "../../dialects/errors.ts";
import type { Connection, Target } from "../../transports/transport.ts";
import type { RecordedConnection } from "../recorder.ts";
import { RequestDraft } from "./request-draft.ts";
import { SessionError } from "./typed-line.ts";

export interface CallOptions {
  readonly connection: Connection;
  readonly target: Target;
  readonly recorded: RecordedConnection;
  readonly isHttp: boolean;
  /** The longest time for a reply, and the silence that ends one that nothing else ends, in milliseconds. */
  readonly timeout: number;
  readonly settle: number;
  readonly signal: AbortSignal;
  createCodec(): Codec;
  /** Lines that the server said. */
  show(lines: readonly string[]): void;
  /** Something for the user to know. */
  tell(message: string): void;
  /** The document cannot be written. */
  failed(error: unknown): void;
}

/** Where nothing tells whether a line has a reply at all, it is awaited so many times as long as a silence. */
const PATIENCE = 10;
/** After a reply the server may close the connection. So long, in milliseconds, that is awaited before the next line. */
const FAREWELL = 10;

export class Call {
  readonly draft: RequestDraft;
  isOver = false;
  readonly #options: CallOptions;
  #connection: Connection;
  #codec: Codec;
  /** When the server last said something. */
  #heardAt = 0;
  #hasHeard = false;
  /** Whether the next close of the server is told as a control, whatever the dialect says of it. */
  #awaitsClose = false;
  /** Whether the client has said, at the end of the session, that it says no more. The document tells if the server answers. */
  #isLeaving = false;
  #wake: () => void = () => {};
  readonly #onAbort = (): void => this.#wake();
  #partial: NodeJS.Timeout | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#codec = options.createCodec();
    this.draft = new RequestDraft(options.isHttp);
    options.signal.addEventListener("abort", this.#onAbort);
    this.#receive();
  }

  #receive(): void {
    this.#connection.receive({
      data: (chunk) => this.#hear(Uint8Array.from(chunk)),
      closed: () => this.#closed(),
    });
  }

  /** Whether the server has said something since the client last did. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** @throws {SessionError} for a mistake in the lines: nothing is sent. */
  say(lines: readonly OutgoingLine[]): void {
    if (lines.length === 0) return;
    try {
      const encoded = this.#codec.requests.encode(lines);
      if (encoded.withheld !== undefined) throw new SessionError(`nothing is sent: ${encoded.withheld}`);
      this.#record(() => this.#options.recorded.bytes("client", encoded.bytes, now()));
      this.#hasHeard = false;
      void this.#connection.send(encoded.bytes);
    } catch (error) {
      if (isLineError(error)) throw new SessionError(error.message);
      throw error;
    }
  }

  #hear(chunk: Uint8Array): void {
    this.#heardAt = now();
    this.#hasHeard = true;
    if (this.#isLeaving) this.note("half-close");
    this.#isLeaving = false;
    this.#record(() => this.#options.recorded.bytes("server", chunk, now()));
    this.#show(() => this.#codec.responses.decode(chunk));
    clearTimeout(this.#partial);
    if (!this.isOver && this.#codec.responses.pending === "line")
      this.#partial = setTimeout(() => this.#show(() => this.#codec.responses.flush("bytes")), this.#options.settle);
    this.#wake();
  }

  #show(decode: () => readonly Decoded[]): void {
    try {
      const lines = decode().flatMap((message) => message.lines);
      if (lines.length > 0) this.#options.show(lines);
    } catch (error) {
      if (!isFramingError(error)) throw error;
      this.#options.tell(`the server breaks the protocol: ${error.message}`);
      this.#end();
    }
  }

  #closed(): void {
    const { recorded, tell } = this.#options;
    clearTimeout(this.#partial);
    this.#show(() => this.#codec.responses.flush("closed"));
    if (this.#isLeaving) return this.hangUp();
    if (this.#awaitsClose) this.#record(() => recorded.control("closed", now()));
    else this.#record(() => recorded.ended("server", now()));
    this.#end();
    tell("the server closed the connection");
  }

  /** Says that the client says no more, as a run does at its end, and hears what the server says to that. */
  async leave(): Promise<void> {
    const { halfClose } = this.#connection;
    if (!halfClose) return;
    this.#isLeaving = true;
    halfClose.call(this.#connection);
    await this.#untilSilence();
  }

  /** Hangs up. The recorder is not told: the end of the recording tells it. */
  hangUp(): void {
    this.isOver = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    clearTimeout(this.#partial);
    this.#connection.close();
    this.#wake();
  }

  #end(): void {
    if (this.isOver) return;
    this.hangUp();
    this.#record(() => this.#options.recorded.ended("client", now()));
    this.#record(() => this.#options.recorded.ended("server", now()));
  }

  /** Does what a control says. @throws {SessionError} */
  async act(verb: "close" | "reset" | "half-close" | "closed" | "starttls"): Promise<void> {
    const { recorded, timeout } = this.#options;
    if (verb === "closed") {
      this.#awaitsClose = true;
      const isClosed = await this.#until(() => this.isOver, timeout);
      this.#awaitsClose = false;
      if (!isClosed) throw new SessionError("the server keeps the connection open");
      return;
    }
    this.#record(() => recorded.control(verb, now()));
    if (verb === "half-close") this.#connection.halfClose?.();
    else if (verb === "starttls") await this.#secure();
    else {
      this.#connection[verb]();
      this.#end();
    }
  }

  async #secure(): Promise<void> {
    const { target, timeout, createCodec } = this.#options;
    if (!this.#connection.upgrade) throw new SessionError(`a ${target.scheme}: connection cannot turn to TLS`);
    try {
      this.#connection = await this.#connection.upgrade(target, AbortSignal.timeout(timeout));
    } catch (error) {
      this.#end();
      throw new SessionError(`the connection cannot turn to TLS: ${(error as Error).message}`);
    }
    this.#codec = createCodec();
    this.#receive();
  }

  /** Writes a control that the connection itself does not show. */
  note(control: string): void {
    this.#record(() => this.#options.recorded.control(control, now()));
  }

  /** Waits this long, in milliseconds. @returns whether nothing came meanwhile. */
  async silence(ms: number): Promise<boolean> {
    const before = this.#heardAt;
    await this.#until(() => this.#heardAt > before || this.isOver, ms);
    return this.#heardAt === before && !this.isOver;
  }

  /** Waits until the server has answered, as far as one can tell. */
  async answered(): Promise<void> {
    const { timeout, settle } = this.#options;
    const { owed, responses } = this.#codec;
    if (owed !== undefined) {
      await this.#until(() => this.isOver || (this.#codec.owed === 0 && responses.pending === "nothing"), timeout);
      await this.silence(Math.min(settle, FAREWELL));
      return;
    }
    await this.#until(() => this.#hasHeard || this.isOver, PATIENCE * settle);
    if (this.#hasHeard) await this.#untilSilence();
  }

  /** Waits until the server is silent, but no longer than a reply may take. */
  async #untilSilence(): Promise<void> {
    const { timeout, settle } = this.#options;
    const end = now() + timeout;
    while (!this.isOver && now() < end && !(await this.silence(settle)));
  }

  /** @returns whether it became true in time. */
  async #until(isTrue: () => boolean, ms: number): Promise<boolean> {
    const { signal } = this.#options;
    const end = now() + ms;
    for (let left = ms; !isTrue() && left > 0 && !signal.aborted; left = end - now()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return isTrue();
  }

  #record(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
