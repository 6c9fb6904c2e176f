/**
 * What a reader of messages hands over, put together from what it finds: each piece is a part of the present message.
 * Body lines are handed over together.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { Decoded, Request } from "../codec.ts";
import { LineCutter } from "./lines.ts";

/**
 * What lines are of their message. `interim`: the head of an interim response; `upgrade`: the head of a response that
 * changes the protocol; `cut`: what breaks off or breaks a rule; `stray`: bytes after the last message.
 */
export type Part = "head" | "interim" | "upgrade" | "body" | "trailer" | "cut" | "stray";

/** The end of a message. `request`: where that is a request. */
export interface MessageEnd {
  readonly ends: "message" | "protocol";
  readonly endsConnection?: boolean;
  readonly request?: Request;
}

/** One that may still turn out to be the last one of its message. */
type Unended = { -readonly [Key in keyof Decoded]: Decoded[Key] };

export class DecodedMessages {
  /** The request that the present message answers, and whether another response to it follows. */
  to: number | undefined;
  isInterim = false;
  #decoded: Decoded[] = [];
  /** The last one of these, where it belongs to the present message. */
  #last: Unended | undefined;
  #body: ByteString[] = [];
  readonly #cutter = new LineCutter();
  readonly #stray = new LineCutter();

  /** How many bytes of a body wait for the LF of their line. */
  get heldOfBody(): number {
    return this.#cutter.held;
  }

  /** How many bytes after the last message do. */
  get heldOfStray(): number {
    return this.#stray.held;
  }

  /** Hands over what was found. */
  take(): readonly Decoded[] {
    this.#addBodyLines();
    if (this.#decoded.length === 0) return NOTHING_DECODED;
    const decoded = this.#decoded;
    this.#decoded = [];
    this.#last = undefined;
    return decoded;
  }

  /** Adds lines of the present message. */
  add(lines: readonly ByteString[], part: Part): void {
    this.#addBodyLines();
    this.#push(lines, part);
  }

  #push(lines: readonly ByteString[], part: Part): void {
    this.#last = { lines, part, to: this.to, interim: this.isInterim, ends: undefined };
    this.#decoded.push(this.#last);
  }

  /** Adds bytes of a body, whose lines are cut here. */
  addBody(bytes: Uint8Array): void {
    this.#cutter.cut(bytes, this.#body);
  }

  #addBodyLines(): void {
    if (this.#body.length === 0) return;
    const lines = this.#body;
    this.#body = [];
    this.#push(lines, "body");
  }

  /** Gives out what of a body has no LF so far. */
  releaseBody(): void {
    this.#cutter.release(this.#body);
  }

  /** Adds what follows the last message. */
  addStray(bytes: Uint8Array): void {
    const lines: ByteString[] = [];
    this.#stray.cut(bytes, lines);
    // More of it would be taken for the next message, whole lines or not. A line ending is all there is.
    const endsConnection = bytes.some((byte) => byte !== LF && byte !== CR);
    if (lines.length > 0 || endsConnection) this.#pushStray(lines, endsConnection);
  }

  /** Gives out what of that has no LF so far. */
  releaseStray(): void {
    const lines: ByteString[] = [];
    this.#stray.release(lines);
    if (lines.length > 0) this.#pushStray(lines, false);
  }

  #pushStray(lines: readonly ByteString[], endsConnection: boolean): void {
    this.#addBodyLines();
    this.#decoded.push({ lines, part: "stray", to: undefined, interim: false, ends: undefined, endsConnection });
    this.#last = undefined;
  }

  /** Adds all there is of a message that ends before its end, at last lines that are no part of a body. */
  addCut(lines: readonly ByteString[]): void {
    this.releaseBody();
    if (lines.length > 0) this.add(lines, "cut");
  }

  /** Ends the present message. */
  end(trailers: readonly ByteString[], end: MessageEnd): void {
    this.releaseBody();
    if (trailers.length > 0) this.add(trailers, "trailer");
    this.#addBodyLines();
    if (!this.#last) this.#push([], "body");
    Object.assign(this.#last!, end);
    this.#last = undefined;
    this.to = undefined;
    this.isInterim = false;
  }
}

const LF = 10;
const CR = 13;
const NOTHING_DECODED: readonly Decoded[] = [];
