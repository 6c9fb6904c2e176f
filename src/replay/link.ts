/**
 * One open connection of a replay: what arrives is decoded at once and waits until an exchange takes it. It knows nothing
 * of what is expected.
 */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import {
  type Codec,
  type FramingError,
  isFramingError,
  type Message,
  type NextSends,
  type OutgoingExchange,
} from "../dialects/dialect.ts";
import { Arrivals } from "../play/arrivals.ts";
import type { Connection, Target } from "../transports/transport.ts";
import type { ExchangeRecord } from "./record.ts";

const NOTHING = new Uint8Array(0);
/** As long as nobody takes what arrives, reading pauses behind this many bytes. */
const MOST_UNREADABLE = 4096;
const IDLE_BYTES = 1 << 20;

export interface Attendant {
  onActivity(): void;
}

export interface Awaiting {
  /** All of the reply has come, and nothing else. */
  onReply(): void;
  /** It has not come so, and what did is decoded next. */
  onOther(): void;
}

export class Link {
  readonly target: Target;
  #connection: Connection;
  #codec: Codec;
  #arrivals: Arrivals<ExchangeRecord> = new Arrivals<ExchangeRecord>();
  /** Bytes that arrived since they were last counted. */
  bytes = 0;
  #idleBytes = 0;
  #paused = false;
  /** Whether the exchange that began last sent a request that has a number. */
  hasAsked = false;
  /** The other side has ended it, or it broke. */
  closed = false;
  closeError: NodeJS.ErrnoException | undefined;
  /** What broke the dialect's framing. */
  framingError: FramingError | undefined;
  /** The bytes that the dialect could not read, as far as a report shows them. */
  unreadable: ByteString = "";
  #attendant: Attendant | undefined;
  #idle = true;
  /** A reply that is awaited byte for byte, how many of its bytes have come, and who awaits it. */
  #awaited: ByteString = "";
  #come = 0;
  #awaiting: Awaiting | undefined;
  #recorded: ByteString | undefined;
  #mostRecorded = 0;

  constructor(target: Target, connection: Connection, codec: Codec) {
    this.target = target;
    this.#connection = connection;
    this.#codec = codec;
    this.#listen();
  }

  /** Whether the close cut a message off in its middle. */
  get isTruncated(): boolean {
    return this.closed && this.#codec.stopped !== undefined;
  }

  get codec(): Codec {
    return this.#codec;
  }

  /** What has come and was not taken yet. */
  get arrivals(): Arrivals<ExchangeRecord> {
    return this.#arrivals;
  }

  /** An exchange begins. @returns what it sends. @throws {LineError} */
  begin(exchange: OutgoingExchange, record: ExchangeRecord, next?: NextSends): Uint8Array {
    const from = this.#codec.asked ?? 0;
    const bytes = this.#codec.begin(exchange, next);
    const to = this.#codec.asked ?? 0;
    this.hasAsked = to > from;
    this.#arrivals.ledger.begin(from, to, record);
    return bytes;
  }

  #listen(): void {
    this.#connection.receive({
      data: (chunk) => this.#arrive(chunk),
      closed: (error) => {
        this.closed = true;
        this.closeError = error;
        this.#stopAwaiting();
        this.#decode(() => this.#codec.end(true, error !== undefined));
        this.#attendant?.onActivity();
      },
    });
  }

  #arrive(chunk: Uint8Array): void {
    if (this.framingError) return this.#addUnreadable(chunk);
    this.bytes += chunk.length;
    if (this.#awaiting && this.#isAwaited(chunk)) return;
    this.#read(chunk);
    this.#attendant?.onActivity();
    if (!this.#idle) return;
    this.#idleBytes += chunk.length;
    if (this.#idleBytes > IDLE_BYTES && !this.#paused) {
      this.#paused = true;
      this.#connection.pause();
    }
  }

  /** The bytes that come from now on are kept too, for {@link recorded}, unless they become more than so many. */
  record(most: number): void {
    this.#recorded = "";
    this.#mostRecorded = most;
  }

  /** What has come since, and ends the recording; undefined where it was too much. */
  recorded(): ByteString | undefined {
    const recorded = this.#recorded;
    this.#recorded = undefined;
    return recorded;
  }

  #read(chunk: Uint8Array): void {
    if (this.#recorded !== undefined) {
      if (this.#recorded.length + chunk.length > this.#mostRecorded) this.#recorded = undefined;
      else this.#recorded += fromBytes(chunk);
    }
    this.#decode(() => this.#codec.decode(chunk));
    // Where a codec says itself what it could not read, that is among its messages.
    if (this.framingError && !this.framingError.messages?.length)
      this.unreadable = fromBytes(chunk.subarray(0, MOST_UNREADABLE));
  }

  /** The rest of what could not be read helps to tell what it is. */
  #addUnreadable(chunk: Uint8Array): void {
    if (!this.collectsUnreadable) return;
    this.unreadable += fromBytes(chunk.subarray(0, MOST_UNREADABLE - this.unreadable.length));
    this.#attendant?.onActivity();
  }

  /** Whether more of what cannot be read is wanted. */
  get collectsUnreadable(): boolean {
    return !this.closed && this.unreadable !== "" && this.unreadable.length < MOST_UNREADABLE;
  }

  /**
   * From now on exactly these bytes are awaited, and not decoded. Where anything else comes, all of it is decoded as ever
   * and the attendant hears of it.
   */
  awaitReply(reply: ByteString, awaiting: Awaiting): void {
    this.#awaited = reply;
    this.#awaiting = awaiting;
  }

  /** Decodes what has come of an awaited reply; bytes are awaited no more. */
  #stopAwaiting(): void {
    const awaiting = this.#awaiting;
    this.#awaiting = undefined;
    awaiting?.onOther();
    if (this.#come === 0) return;
    const come = this.#awaited.slice(0, this.#come);
    this.#come = 0;
    this.#read(toBytes(come));
  }

  /** Whether a chunk was taken as a part of the awaited reply. */
  #isAwaited(chunk: Uint8Array): boolean {
    const piece = fromBytes(chunk);
    if (this.#awaited.startsWith(piece, this.#come)) {
      this.#come += piece.length;
      if (this.#come === this.#awaited.length) {
        const awaiting = this.#awaiting!;
        this.#come = 0;
        this.#awaiting = undefined;
        awaiting.onReply();
      }
      return true;
    }
    this.#stopAwaiting();
    return false;
  }

  #decode(decode: () => readonly Message[]): void {
    try {
      for (const message of decode()) this.#arrivals.push(message);
    } catch (error) {
      this.#breakOff(error);
    }
  }

  #breakOff(error: unknown): void {
    if (!isFramingError(error)) throw error;
    for (const message of error.messages ?? []) this.#arrivals.push(message);
    this.framingError = error;
  }

  /** Who is told when something arrived or the connection ended; `idle`: what arrives is not taken for now. */
  attend(attendant: Attendant, idle: boolean): void {
    if (this.#awaiting) this.#stopAwaiting();
    this.#attendant = attendant;
    this.#idle = idle;
    if (idle) return;
    this.#idleBytes = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#connection.resume();
    }
  }

  /**
   * Has the codec hand out what it holds back because no LF or no end of a message has come: on silence, or, where the
   * connection is `over`, as if the other side had closed it.
   */
  flush(over = false): void {
    if (!this.closed && this.#codec.holds !== false) this.#decode(() => this.#codec.end(over));
  }

  /** Has the codec hand out what the reply that now begins cuts otherwise. */
  recut(): void {
    this.#decode(() => this.#codec.decode(NOTHING));
  }

  send(bytes: Uint8Array): void {
    if (bytes.length > 0) void this.#connection.send(bytes);
  }

  /** Whether the transport could end just one direction. */
  halfClose(): boolean {
    this.#connection.halfClose?.();
    return this.#connection.halfClose !== undefined;
  }

  close(): void {
    this.closed = true;
    this.#attendant = undefined;
    this.#connection.close();
  }

  reset(): void {
    this.closed = true;
    this.#attendant = undefined;
    this.#connection.reset();
  }

  /** Turns to TLS; from then on a new codec reads. @throws what the transport says, or where it cannot. */
  async upgrade(codec: Codec, signal: AbortSignal): Promise<void> {
    if (!this.#connection.upgrade) throw new Error(`a ${this.target.scheme}: connection cannot turn to TLS`);
    this.#connection = await this.#connection.upgrade(this.target, signal);
    this.#codec = codec;
    this.#arrivals = new Arrivals<ExchangeRecord>();
    this.#listen();
  }
}
