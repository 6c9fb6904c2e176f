/**
 * One connection to Redis seen from the client: each client line is a command, each reply a message in lines. Redis
 * answers in the order it was asked; between the answers come messages that nobody asked for: pushes, what is published to
 * a subscriber, what a monitor reports.
 */
import { type ByteString, toBytes, writeLine } from "../../base/bytes.ts";
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
import { encodeCommand, splitCommand } from "./arguments.ts";
import { RespReader } from "./reader.ts";
import { render, renderPush, renderRaw } from "./render.ts";
import { messageWord, type Pairs, type Request, requestOf, SUBSCRIBING } from "./requests.ts";
import { type Aggregate, isAggregate, type RespValue } from "./value.ts";

const NOTHING: readonly Message[] = [];
const NOT_ANSWERED_ONCE = /^(?:[PS]?(?:UN)?SUBSCRIBE|MONITOR|CLIENT REPLY .*)$/;
const PUBLISHED = /^[ps]?message$/;
/** A command that a monitor reports: when, on which database and by whom. */
const MONITORED = /^\d+\.\d+ \[/;

export class RedisCodec implements Codec {
  readonly #context: CodecContext;
  readonly #reader: RespReader;
  readonly #ending: ByteString;
  /** Requests that are not answered, the oldest first. */
  #pending: Request[] = [];
  /** Those that were queued since MULTI. */
  #queued: Request[] = [];
  /** What is subscribed to: the kind (`p`, `s` or none), a space, the name. */
  readonly #subscriptions = new Set<string>();
  #monitors = false;
  /** Something came that nobody asked for: more may come at any time. */
  #isSpokenTo = false;
  /** After a request that is not answered once, replies are taken in the order they come in. */
  #isInOrder = false;
  /** What CLIENT REPLY said last. */
  #replies: "on" | "off" | "skip" = "on";
  /** Whether HELLO is still to be sent, was sent, or needs no thought (any more). */
  #hello: "due" | "sent" | "done";
  readonly #framing = new Framing();
  over = false;
  asked = 0;

  constructor(context: CodecContext) {
    this.#context = context;
    this.#reader = new RespReader(context.limit);
    this.#ending = context.eol === "lf" ? "\n" : "\r\n";
    this.#hello = context.options.protocol === undefined ? "done" : "due";
  }

  /** Unknown where messages come that nobody asks for. */
  get owed(): number | undefined {
    if (this.#monitors || this.#isSpokenTo || this.#subscriptions.size > 0) return undefined;
    return this.#pending.length;
  }

  readonly holds = false;

  get begun(): ByteString {
    return this.#reader.begun;
  }

  get isWithin(): boolean {
    return this.#reader.isWithin;
  }

  begin({ sends }: OutgoingExchange): Uint8Array {
    // Where nothing is typed, redis-cli sends nothing and prompts again.
    const commands = readEach(sends, argumentsOf).filter((args) => args.length > 0);
    if (commands.length === 0) return toBytes("");
    let bytes = "";
    if (this.#hello === "due") {
      bytes = encodeCommand(["HELLO", String(this.#context.options.protocol)]);
      this.#hello = "sent";
    }
    for (const args of commands) {
      bytes += encodeCommand(args);
      const request = requestOf(args);
      this.#isInOrder ||= NOT_ANSWERED_ONCE.test(request.name);
      if (this.#isSilent(request)) continue;
      this.#pending.push(this.#isInOrder ? request : { ...request, number: this.asked++ });
    }
    return toBytes(bytes);
  }

  /** Whether nothing answers a request, as CLIENT REPLY has it. */
  #isSilent({ name }: Request): boolean {
    const before = this.#replies;
    if (name === "CLIENT REPLY ON") this.#replies = "on";
    else if (name === "CLIENT REPLY OFF") this.#replies = "off";
    else if (name === "CLIENT REPLY SKIP" && before !== "off") this.#replies = "skip";
    else if (before === "skip") this.#replies = "on";
    return name !== "CLIENT REPLY ON" && (before !== "on" || this.#replies !== "on");
  }

  decode(chunk: Uint8Array): readonly Message[] {
    const messages: Message[] = [];
    return this.#framing.read(
      () => {
        try {
          this.#reader.read(chunk);
        } finally {
          // What was complete before a mistake is shown, too.
          for (const value of this.#reader.take()) messages.push(...this.#accept(value));
        }
      },
      () => messages,
    );
  }

  end(): readonly Message[] {
    return NOTHING;
  }

  #accept(value: RespValue): readonly Message[] {
    if (isAggregate(value) && value.kind === "push") return this.#acceptPush(value);
    if (this.#hello === "sent") return this.#acceptHello(value);
    if (this.#isUnasked(value)) return this.#message(render(value, this.#context.limit));
    const [request] = this.#pending;
    if (!request) {
      this.#isSpokenTo = true;
      return this.#message(render(value, this.#context.limit));
    }
    if (this.#isAnswered(request, value)) this.#pending.shift();
    this.#note(request, value);
    return this.#show(request, value);
  }

  #acceptPush(push: Aggregate): readonly Message[] {
    const word = messageWord(push);
    const [request] = this.#pending;
    if (request && word.toUpperCase() === request.name && SUBSCRIBING.test(request.name)) {
      if (this.#isAnswered(request, push)) this.#pending.shift();
    } else this.#isSpokenTo = true;
    this.#noteSubscription(word, push);
    return this.#message(renderPush(push, this.#context.limit));
  }

  #acceptHello(value: RespValue): readonly Message[] {
    this.#hello = "done";
    if (!isAggregate(value) && value.kind === "error") {
      const why = writeLine(value.text);
      throw new FramingError(
        `the server refused HELLO ${this.#context.options.protocol}, which "protocol" asks for: ${why}`,
      );
    }
    return NOTHING;
  }

  /** Whether a value is a message to a subscriber or a monitor, not a reply. */
  #isUnasked(value: RespValue): boolean {
    if (isAggregate(value)) return this.#subscriptions.size > 0 && PUBLISHED.test(messageWord(value));
    return this.#monitors && value.kind === "simple" && MONITORED.test(value.text);
  }

  /** Whether nothing further is owed to a request. (UN)SUBSCRIBE is answered once for each channel. */
  #isAnswered(request: Request, value: RespValue): boolean {
    if (!SUBSCRIBING.test(request.name) || !isAggregate(value)) return true;
    request.left ??= Math.max(1, this.#subscribed(kindOf(request.name)).length);
    request.left--;
    return request.left === 0;
  }

  readonly #subscribed = (kind: string): readonly string[] =>
    [...this.#subscriptions].filter((subscription) => subscription.startsWith(`${kind} `));

  /** What a reply changes for those that follow. */
  #note(request: Request, value: RespValue): void {
    const text = isAggregate(value) || value.kind !== "simple" ? "" : value.text;
    if (text === "QUEUED") this.#queued.push(request);
    else if (SUBSCRIBING.test(request.name)) this.#noteSubscription(messageWord(value), value);
    else if (request.name === "MULTI" || request.name === "DISCARD") this.#queued = [];
    else if (request.name === "CLIENT TRACKING ON" && text === "OK") this.#isSpokenTo = true;
    else if (request.name === "MONITOR" && text === "OK") this.#monitors = true;
    else if (request.name === "QUIT" && text === "OK") {
      this.over = true;
      this.#pending = [];
    } else if (request.name === "RESET" && text === "RESET") {
      this.#queued = [];
      this.#subscriptions.clear();
      this.#monitors = false;
      this.#isSpokenTo = false;
      this.#isInOrder = this.#pending.some(({ number }) => number === undefined);
    }
  }

  #noteSubscription(word: string, value: RespValue): void {
    if (!isAggregate(value) || !SUBSCRIBING.test(word.toUpperCase())) return;
    const [, channel] = value.elements;
    if (!channel || isAggregate(channel) || channel.kind !== "string") return;
    const subscription = `${kindOf(word)} ${channel.text}`;
    if (word.includes("unsubscribe")) this.#subscriptions.delete(subscription);
    else this.#subscriptions.add(subscription);
  }

  #show(request: Request, value: RespValue): readonly Message[] {
    const { limit } = this.#context;
    const { number, pairs } = request;
    if (request.isRaw && !value.attributes) return this.#message(renderRaw(value), "", number);
    if (request.name !== "EXEC") return this.#message(render(value, limit), pairs, number);
    const queued = this.#queued;
    this.#queued = [];
    return queued.every((one) => one.pairs === "")
      ? this.#message(render(value, limit), "", number)
      : this.#transaction(value, queued, number);
  }

  /** The replies of a transaction, each with what its own command says of it. */
  #transaction(value: RespValue, queued: readonly Request[], to: number | undefined): readonly Message[] {
    const starts: number[] = [];
    const lines = render(value, this.#context.limit, (line) => starts.push(line));
    if (starts.length === 0) return this.#message(lines, "", to);
    return starts.map((start, i) => ({
      lines: this.#ended(lines.slice(start, starts[i + 1])),
      complete: i === starts.length - 1,
      part: withinTransaction(queued[i]?.pairs ?? ""),
      to,
    }));
  }

  #message(lines: readonly ByteString[], part: Pairs = "", to?: number): readonly Message[] {
    return [{ lines: this.#ended(lines), complete: true, part, to }];
  }

  #ended(lines: readonly ByteString[]): readonly ByteString[] {
    return lines.map((line) => line + this.#ending);
  }
}

/** `p`, `s` or nothing: the kinds of channels are counted apart. */
const kindOf = (name: string): string => /^[ps]?(?=(?:un)?subscribe)/i.exec(name)![0].toLowerCase();

const withinTransaction = (pairs: Pairs): Pairs =>
  pairs.startsWith("pairs ") ? `pairs ${Number(pairs.slice("pairs ".length)) + 1}` : pairs;

function argumentsOf(line: OutgoingLine): readonly ByteString[] {
  if (line.endingWritten)
    throw new LineError(
      line,
      'a command is sent without any line ending; leave the suffix out, or write the bytes in an example with dialect="line"',
    );
  return splitCommand(line);
}
