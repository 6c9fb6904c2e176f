/** One connection that speaks Protocol Buffers: client lines to framed messages, framed messages to lines. */
import { type ByteString, decodeText, toBytes } from "../../base/bytes.ts";
import type { LinePattern } from "../../match/pattern.ts";
import {
  type Codec,
  type CodecContext,
  LineError,
  type Message,
  type OutgoingExchange,
  type OutgoingLine,
} from "../dialect.ts";
import { readEach } from "../encode.ts";
import { Framing } from "../framing.ts";
import { Frames, frame } from "./frames.ts";
import { Reader, unknownTag } from "./incoming.ts";
import type { Protocol } from "./schema.ts";
import { type TaggedRequest, Tags } from "./tags.ts";
import { readMessage, type TextMessage } from "./text.ts";
import { TextError } from "./tokens.ts";

const NO_MESSAGES: readonly Message[] = [];

export class ProtobufCodec implements Codec {
  readonly #protocol: Protocol;
  readonly #reader: Reader;
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
    this.#reader = new Reader(protocol.response, limit);
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

  #read(line: OutgoingLine): TextMessage {
    const { request, tag, verb } = this.#protocol;
    try {
      return readMessage(decodeText(line.bytes), request, tag?.request, verb);
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
    const number = tag && this.#reader.number(message, tag.response);
    // In proto3 a tag of 0 is left out; else a message without a tag answers no request.
    const isZero = number === undefined && tag?.response.isImplicit && this.#tags?.awaits(0n);
    const due = number ?? (isZero ? 0n : undefined);
    if (!this.#tags || due === undefined) {
      this.#isUntagged = true;
      const isReply = !this.#tags && this.#answered < this.#sent;
      this.#hand(this.#reader.line(message), isReply ? this.#answered++ : undefined);
      return;
    }
    const request = this.#tags.answer(due);
    if (!request) throw unknownTag(due, this.#tags.open, this.#reader.line(message));
    const hidden = request.isFilledIn && tag ? [tag.response.number] : [];
    this.#hand(this.#reader.line(message, hidden), request.number);
  }
}

const isOnce = ({ body, repeat }: LinePattern): boolean => body.kind !== "ellipsis" && repeat === "once";
