/**
 * One connection that speaks Protocol Buffers, in both directions: lines to framed messages, framed messages to lines.
 * With tags, a reply answers the request that has its tag; without, the oldest one, and there may be more replies.
 */
import { type ByteString, decodeText, toBytes } from "../../base/bytes.ts";
import type { Codec, CodecContext, Decoded, Direction, Encoded, OutgoingLine, Request } from "../codec.ts";
import { LineError } from "../errors.ts";
import { readEach } from "../read-each.ts";
import { MessageDirection } from "./direction.ts";
import { frame } from "./frames.ts";
import { Reader, unknownTag } from "./incoming.ts";
import type { Field, MessageType, Protocol } from "./schema.ts";
import { type TaggedRequest, Tags } from "./tags.ts";
import { encodeField, readMessage, type TextMessage } from "./text.ts";
import { TextError } from "./tokens.ts";

export class ProtobufDuplex implements Codec {
  readonly #protocol: Protocol;
  readonly #ending: ByteString;
  readonly #tags: Tags | undefined;
  /** Without tags: how many requests there were, and how many of them were answered. */
  #asked = 0;
  #answered = 0;
  readonly requests: Direction;
  readonly responses: Direction;

  constructor(protocol: Protocol, { limit, eol }: CodecContext) {
    const { request, response, framing } = protocol;
    this.#protocol = protocol;
    this.#ending = eol === "lf" ? "\n" : "\r\n";
    this.#tags = protocol.tag && new Tags();
    const [requests, responses] = [new Reader(request, limit), new Reader(response, limit)];
    this.requests = new MessageDirection(framing, limit, {
      encode: (lines) => this.#encodeRequests(lines),
      read: (message) => this.#readRequest(message, requests),
    });
    this.responses = new MessageDirection(framing, limit, {
      encode: (lines, _later, to) => this.#encodeResponses(lines, to),
      read: (message) => this.#readResponse(message, responses),
    });
  }

  /** Without tags nobody can tell: a request may have any number of replies. */
  get owed(): number | undefined {
    return this.#tags?.owed;
  }

  #encodeRequests(lines: readonly OutgoingLine[]): Encoded {
    const { request, tag, verb } = this.#protocol;
    const messages = readEach(lines, (line) => readLine(line, request, tag?.request, verb));
    if (!this.#tags)
      return this.#encoded(
        messages,
        () => undefined,
        messages.map(() => this.#next()),
      );
    const tagged = this.#tags.send(messages.map((message) => message.tag));
    return this.#encoded(messages, (i) => tagged[i]?.tag, tagged.map(asRequest));
  }

  #encodeResponses(lines: readonly OutgoingLine[], to = 0): Encoded {
    const { response, tag } = this.#protocol;
    const messages = readEach(lines, (line) => readLine(line, response, tag?.response));
    const filledIn = this.#tags ? this.#answer(this.#tags, messages, to) : [];
    if (!this.#tags) this.#answered = Math.min(this.#asked, this.#answered + messages.length);
    // In proto3 a tag of 0 is left out.
    return this.#encoded(messages, (i) => (filledIn[i] === 0n && tag?.response.isImplicit ? undefined : filledIn[i]));
  }

  /**
   * The tags to fill in. The tags that are written answer their requests first; the other lines answer the request
   * `to` and those after it, then older ones. A line that answers none goes without a tag, as a message nobody asked for.
   */
  #answer(tags: Tags, messages: readonly TextMessage[], to: number): readonly (bigint | undefined)[] {
    for (const { tag } of messages) if (tag !== undefined) tags.answer(tag);
    let from = to;
    return messages.map((message) => {
      const request = message.tag === undefined ? tags.oldest(from) : undefined;
      if (!request) return undefined;
      from = request.number + 1;
      return tags.answer(request.tag)?.tag;
    });
  }

  #encoded(
    messages: readonly TextMessage[],
    filledIn: (i: number) => bigint | undefined,
    requests: readonly Request[] = [],
  ): Encoded {
    const { framing } = this.#protocol;
    const frames = messages.map(({ tag, encode }, i) =>
      frame(encode(tag === undefined ? filledIn(i) : undefined), framing),
    );
    return { bytes: toBytes(frames.join("")), requests };
  }

  #next(): Request {
    return { id: this.#asked++, isIdempotent: false };
  }

  #readRequest(message: Uint8Array, reader: Reader): Decoded {
    const { tag, verb } = this.#protocol;
    if (!this.#tags || !tag) return this.#decoded(reader.request(message, verb, []), undefined, this.#next());
    const { number, isImplicit } = tag.request;
    const found = reader.number(message, tag.request);
    const request = this.#tags.receive(found ?? (isImplicit ? 0n : undefined));
    // In proto3 a tag of 0 is left out; a line without a tag would have another one filled in.
    const isZero = found === undefined && request.tag === 0n;
    const whole = isZero ? Buffer.concat([message, toBytes(encodeField(tag.request, 0n))]) : message;
    return this.#decoded(
      reader.request(whole, verb, request.isFilledIn ? [number] : []),
      undefined,
      asRequest(request),
    );
  }

  #readResponse(message: Uint8Array, reader: Reader): Decoded {
    const { tag } = this.#protocol;
    if (!this.#tags || !tag) {
      const to = this.#answered < this.#asked ? this.#answered++ : undefined;
      return this.#decoded(reader.line(message), to);
    }
    const { number, isImplicit } = tag.response;
    const found = reader.number(message, tag.response);
    const due = found ?? (isImplicit && !this.#tags.awaits(undefined) ? 0n : undefined);
    if (found === undefined && !this.#tags.awaits(due))
      return { ...this.#decoded(reader.line(message)), stray: "a message without a tag" };
    const request = this.#tags.answer(due);
    if (!request) throw unknownTag(found!, this.#tags.open, reader.line(message));
    return this.#decoded(reader.line(message, request.isFilledIn ? [number] : []), request.number);
  }

  #decoded(line: ByteString, to?: number, request?: Request): Decoded {
    return { lines: [line + this.#ending], part: "", to, ends: "message", ...(request && { request }) };
  }
}

const asRequest = ({ number, tag }: TaggedRequest): Request => ({
  id: number,
  isIdempotent: false,
  name: tag === undefined ? "the request without a tag" : `the request with tag ${tag}`,
});

/** @throws {LineError} */
function readLine(line: OutgoingLine, type: MessageType, tag?: Field, verb?: Protocol["verb"]): TextMessage {
  try {
    return readMessage(decodeText(line.bytes), type, tag, verb);
  } catch (error) {
    if (error instanceof TextError) throw new LineError(line, error.message, error.at + 1);
    throw error;
  }
}
