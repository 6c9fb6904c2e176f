/**
 * What comes on one connection: it is decoded at once and waits until it is taken. Nothing here knows what is expected.
 */
import { type ByteString, fromBytes } from "../base/bytes.ts";
import type { Begun, Codec, Decoded, Direction, FlushReason } from "../dialects/codec.ts";
import { type FramingError, isFramingError } from "../dialects/errors.ts";
import type { Party } from "../plan/moves.ts";
import { Arrivals } from "./arrivals.ts";
import type { Note } from "./note.ts";
import type { CloseError } from "./port.ts";

const NOTHING = new Uint8Array(0);
/** Bytes of what could not be read that reports show. */
const MOST_UNREADABLE = 4096;

export class Incoming {
  readonly #role: Party;
  #codec: Codec;
  #arrivals = new Arrivals<Note>();
  /** How many bytes have come since the last exchange began. */
  byteCount = 0;
  /** The other side has ended the connection, or it broke. */
  closed = false;
  closeError: CloseError | undefined;
  /** A message said that the connection ends with it. */
  isOver = false;
  /** A message said that another protocol follows, and no exchange took it so far: until one awaits it the connection is over. */
  hasTurned = false;
  /** What broke the dialect's framing. */
  framingError: FramingError | undefined;
  /** What came after a reply that was matched on its raw bytes. */
  #unread: ByteString = "";
  /** The bytes that the dialect could not read, as far as a report shows them. */
  unreadable: ByteString = "";

  constructor(codec: Codec, role: Party) {
    this.#codec = codec;
    this.#role = role;
  }

  /** What has come and was not taken yet. */
  get arrivals(): Arrivals<Note> {
    return this.#arrivals;
  }

  /** The direction that is sent. */
  get mine(): Direction {
    return this.#role === "client" ? this.#codec.requests : this.#codec.responses;
  }

  /** The direction that comes. */
  get theirs(): Direction {
    return this.#role === "client" ? this.#codec.responses : this.#codec.requests;
  }

  /** Replies that are still owed; undefined where nobody can tell. */
  get owed(): number | undefined {
    return this.#role === "client" ? this.#codec.owed : undefined;
  }

  /** After STARTTLS a new codec reads, and what came before is gone. */
  renew(codec: Codec): void {
    this.#codec = codec;
    this.#arrivals = new Arrivals<Note>();
  }

  /** The last bytes of a text are left to the next exchange, which was sent ahead. */
  keepUnread(text: ByteString, count: number): void {
    if (count > 0) this.#unread = text.slice(text.length - count);
  }

  takeUnread(): ByteString {
    const unread = this.#unread;
    this.#unread = "";
    return unread;
  }

  decode(chunk: Uint8Array): void {
    if (this.framingError) return this.#addUnreadable(chunk);
    const begun = this.hiddenBeginning;
    try {
      this.#push(this.theirs.decode(chunk));
    } catch (error) {
      const { messages } = this.#breakOff(error);
      // Where a codec says itself what it could not read, that is among its messages.
      if (!messages?.length) this.unreadable = (begun + fromBytes(chunk)).slice(0, MOST_UNREADABLE);
    }
  }

  /** Lets the codec decode what it could not before a request was sent. */
  decodeKept(): void {
    if (!this.framingError && this.theirs.pending !== "nothing") this.decode(NOTHING);
  }

  /** Asks the codec for what has begun and has no end. */
  flush(why: FlushReason): void {
    if (this.closed || this.framingError || this.theirs.pending === "nothing") return;
    try {
      this.#push(this.theirs.flush(why));
    } catch (error) {
      this.#breakOff(error);
    }
  }

  close(error: CloseError | undefined): void {
    this.flush(error ? "broken" : "closed");
    this.closed = true;
    this.closeError = error;
  }

  /** The other side has said everything, as it should, and still reads. */
  goOn(): void {
    this.closed = false;
  }

  #push(messages: readonly Decoded[]): void {
    for (const message of messages) {
      if (message.lines.length > 0 || message.ends !== undefined) this.#arrivals.push(message);
      if (message.ends === "protocol") this.hasTurned = true;
      if (message.endsConnection || message.ends === "protocol") this.isOver = true;
    }
  }

  #breakOff(error: unknown): FramingError {
    if (!isFramingError(error)) throw error;
    this.#push(error.messages ?? []);
    this.framingError = error;
    return error;
  }

  /** Further bytes help to recognize the protocol that the peer speaks. */
  #addUnreadable(chunk: Uint8Array): void {
    if (this.collectsUnreadable)
      this.unreadable += fromBytes(chunk.subarray(0, MOST_UNREADABLE - this.unreadable.length));
  }

  /** Whether more of what cannot be read is wanted. */
  get collectsUnreadable(): boolean {
    return !this.closed && this.unreadable !== "" && this.unreadable.length < MOST_UNREADABLE;
  }

  /** The message that is incomplete, where its lines are not handed out as they come. */
  get hiddenBeginning(): ByteString {
    return this.theirs.pending === "message" ? this.theirs.begun.bytes : "";
  }

  /** Where in an incomplete message the last byte is, if that is known. */
  get standing(): (Begun & { readonly where: string }) | undefined {
    if (this.theirs.pending === "nothing") return undefined;
    const { begun } = this.theirs;
    return begun.where === undefined ? undefined : (begun as Begun & { readonly where: string });
  }
}
