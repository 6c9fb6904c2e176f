/** One connection that speaks Protocol Buffers: client lines to framed messages, framed messages to lines. */
import { type ByteString, decodeText, toBytes } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import type { LinePattern } from "../../match/pattern.ts";
import {
  type Codec,
  type CodecContext,
  FramingError,
  LineError,
  type Message,
  type OutgoingExchange,
  type OutgoingLine,
} from "../dialect.ts";
import { readEach } from "../encode.ts";
import { Framing } from "../framing.ts";
import { Frames, frame, hexOf } from "./frames.ts";
import { printMessage, TooLong } from "./print.ts";
import { integerOf, wireTypeOf } from "./scalars.ts";
import type { Field, Protocol } from "./schema.ts";
import { type TaggedRequest, Tags } from "./tags.ts";
import { type Request, readRequest } from "./text.ts";
import { TextError } from "./tokens.ts";
import { FIXED64, VARINT, WireError, WireReader } from "./wire.ts";

const NO_MESSAGES: readonly Message[] = [];

export class ProtobufCodec implements Codec {
  readonly #protocol: Protocol;
  readonly #limit: number;
  readonly #ending: ByteString;
  readonly #frames: Frames;
  readonly #tags: Tags | undefined;
  /** Without tags, replies answer requests in their order; there may be more of them than requests. */
  #sent = 0;
  #answered = 0;
  #messages: Message[] = [];
  /** The present exchange's requests that it has a reply line for, where each has one. */
  #own: readonly TaggedRequest[] = [];
  /** A message without a tag came in the present exchange: it may have been taken for a reply. */
  #isUntagged = false;
  readonly #framing = new Framing();
  readonly holds = false;

  constructor(protocol: Protocol, { limit, eol }: CodecContext) {
    this.#protocol = protocol;
    this.#limit = limit;
    this.#ending = eol === "lf" ? "\n" : "\r\n";
    this.#frames = new Frames(protocol.framing, limit);
    this.#tags = protocol.tag && new Tags();
  }

  get asked(): number {
    return this.#tags?.asked ?? this.#sent;
  }

  /** Without tags nobody can tell: a request may have any number of replies. */
  get owed(): number | undefined {
    return this.#tags?.owed;
  }

  get begun(): ByteString {
    return this.#frames.begun;
  }

  get isWithin(): boolean {
    return this.#frames.isWithin;
  }

  get objection(): string | undefined {
    const open = this.#isUntagged ? this.#own.find(({ isAnswered }) => !isAnswered) : undefined;
    return open && `a message without a tag came; the request with tag ${open.tag} has no reply`;
  }

  begin({ sends, expects }: OutgoingExchange): Uint8Array {
    this.#isUntagged = false;
    const requests = readEach(sends, (line) => this.#read(line));
    const tagged = this.#tags?.send(requests.map(({ tag }) => tag));
    if (!tagged) this.#sent += requests.length;
    this.#own = tagged && expects.every(isOnce) ? tagged.slice(0, expects.length) : [];
    const messages = requests.map(({ tag, encode }, i) => encode(tag === undefined ? tagged?.[i]?.tag : undefined));
    return toBytes(messages.map((message) => frame(message, this.#protocol.framing)).join(""));
  }

  #read(line: OutgoingLine): Request {
    try {
      return readRequest(decodeText(line.bytes), this.#protocol);
    } catch (error) {
      if (error instanceof TextError) throw new LineError(line, error.message, error.at + 1);
      throw error;
    }
  }

  decode(chunk: Uint8Array): readonly Message[] {
    return this.#framing.read(
      () => this.#frames.cut(chunk, (message) => this.#take(message)),
      () => this.#takeMessages(),
    );
  }

  /** What is cut off is no message; {@link isWithin} tells of it. */
  end(): readonly Message[] {
    return NO_MESSAGES;
  }

  #takeMessages(): readonly Message[] {
    if (this.#messages.length === 0) return NO_MESSAGES;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  #hand(line: ByteString, to: number | undefined): void {
    this.#messages.push({ lines: [line + this.#ending], complete: true, part: "", to });
  }

  #take(message: Uint8Array): void {
    const { tag } = this.#protocol;
    const number = tag && this.#readable(message, () => tagIn(message, tag.response));
    // In proto3 a tag of 0 is left out; else a message without a tag answers no request.
    const isZero = number === undefined && tag?.response.isImplicit && this.#tags?.awaits(0n);
    const due = number ?? (isZero ? 0n : undefined);
    if (!this.#tags || due === undefined) {
      this.#isUntagged = true;
      const isReply = !this.#tags && this.#answered < this.#sent;
      this.#hand(this.#print(message), isReply ? this.#answered++ : undefined);
      return;
    }
    const request = this.#tags.answer(due);
    if (!request)
      throw new FramingError(
        `a reply bears the tag ${due}, which no open request has${openTags(this.#tags.open)}: ${shorten(this.#print(message))}`,
      );
    this.#hand(this.#print(message, request.isFilledIn ? tag?.response.number : undefined), request.number);
  }

  #print(message: Uint8Array, hidden?: number): string {
    return this.#readable(message, () => printMessage(message, this.#protocol.response, this.#limit, hidden));
  }

  #readable<T>(message: Uint8Array, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof TooLong)
        throw new FramingError(
          `a message of ${formatSize(message.length)} is longer than the limit of ${formatSize(this.#limit)} when it is written as text`,
        );
      if (!(error instanceof WireError)) throw error;
      const { name } = this.#protocol.response;
      throw new FramingError(
        `what came is no message of the type ${name}: ${error.message}, after ${error.at} of ${message.length} bytes: ${hexOf(message)}`,
      );
    }
  }
}

/** The value of a tag on the wire, the last one where it comes twice; undefined where there is none. */
function tagIn(message: Uint8Array, { number, type }: Field): bigint | undefined {
  if (type.kind !== "scalar") return undefined;
  const wire = wireTypeOf(type.scalar);
  const reader = new WireReader(message);
  let tag: bigint | undefined;
  while (reader.next()) {
    if (reader.number !== number || reader.wire !== wire) reader.skip();
    else tag = integerOf(type.scalar, wire === VARINT ? reader.varint() : reader.fixed(wire === FIXED64 ? 8 : 4));
  }
  return tag;
}

const isOnce = ({ body, repeat }: LinePattern): boolean => body.kind !== "ellipsis" && repeat === "once";

const MOST_SHOWN = 200;
const shorten = (text: string): string => (text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN - 1)}…`);

function openTags(tags: Iterable<bigint>): string {
  const open = [...tags];
  if (open.length === 0) return " (none is open)";
  return ` (open are ${open.slice(0, 5).join(", ")}${open.length > 5 ? ", …" : ""})`;
}
