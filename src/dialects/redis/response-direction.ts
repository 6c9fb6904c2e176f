/** Replies in lines, as redis-cli shows them: a server encodes them, a client decodes them. */
import { type ByteString, toBytes } from "../../base/bytes.ts";
import type { LinePattern } from "../../match/pattern.ts";
import type {
  Begun,
  CodecContext,
  Decoded,
  Direction,
  Encoded,
  Expectation,
  ExpectationContext,
  OutgoingLine,
  Pending,
} from "../codec.ts";
import { LineError } from "../errors.ts";
import type { Command, Pairs } from "./commands.ts";
import { expectReply } from "./expectation.ts";
import type { Greeting } from "./greeting.ts";
import { Incoming } from "./incoming.ts";
import { RespReader } from "./reader.ts";
import { render, renderPush, renderRaw } from "./render.ts";
import type { Answer, RedisState } from "./state.ts";
import { type Unrendered, unrender, unrenderInvalidation, unrenderRaw } from "./unrender.ts";
import type { Aggregate, RespValue } from "./value.ts";
import { writeValue } from "./writer.ts";

const NOTHING: readonly Decoded[] = [];

export class ResponseDirection implements Direction {
  readonly #state: RedisState;
  readonly #greeting: Greeting;
  readonly #limit: number;
  readonly #ending: ByteString;
  readonly #incoming: Incoming<RespValue>;

  constructor(state: RedisState, greeting: Greeting, { limit, eol }: CodecContext) {
    this.#state = state;
    this.#greeting = greeting;
    this.#limit = limit;
    this.#ending = eol === "lf" ? "\n" : "\r\n";
    this.#incoming = new Incoming(new RespReader(limit), this.#accept);
  }

  get pending(): Pending {
    return this.#incoming.pending;
  }

  get begun(): Begun {
    return this.#incoming.begun;
  }

  /** Several replies answer the command `to` and those after it, or several messages one SUBSCRIBE. */
  encode(lines: readonly OutgoingLine[], _later?: readonly OutgoingLine[], to?: number): Encoded {
    for (const line of lines) checkEnding(line);
    const isEmptyText = lines.length === 0 && this.#state.next(to)?.isRaw === true;
    if (lines.length === 0 && !isEmptyText) return { bytes: toBytes(""), requests: [] };
    const awaits = this.#state.open > 0;
    let bytes = this.#greeting.encodeReply();
    let next = to;
    let at = 0;
    do {
      const command = this.#state.next(next);
      if (!command && awaits && this.#state.owed !== undefined) throw this.#isTooMuch(lines[at]!);
      const { value, end } = this.#read(lines, at, command);
      const { command: answered } = this.#state.answer(value, command?.id);
      bytes += writeValue(value, this.#state.version);
      if (answered && next !== undefined) next++;
      at = end;
    } while (at < lines.length);
    return { bytes: toBytes(bytes), requests: [] };
  }

  decode(chunk: Uint8Array): readonly Decoded[] {
    return this.#incoming.decode(chunk);
  }

  flush(): readonly Decoded[] {
    return NOTHING;
  }

  expect(lines: readonly LinePattern[], { unordered, scope, isFollowed }: ExpectationContext): Expectation | undefined {
    const command = this.#state.due(isFollowed);
    if (unordered || command?.id === undefined || !this.#greeting.isOver) return undefined;
    const took = (): void => this.#state.took();
    return expectReply(lines, scope, { to: command.id, limit: this.#limit, ending: this.#ending, took });
  }

  #read(lines: readonly OutgoingLine[], at: number, command: Command | undefined): Unrendered {
    const { version } = this.#state;
    const invalidation = version === 3 ? unrenderInvalidation(lines, at) : undefined;
    if (invalidation) return invalidation;
    if (command?.isRaw) return { value: unrenderRaw(lines.slice(at), command.name, version), end: lines.length };
    const reply = unrender(lines, at, version === 3 && this.#state.open <= 1);
    const { value } = reply;
    if (value.kind !== "array" || !this.#state.isPush(value, command)) return reply;
    const push: Aggregate = { ...value, kind: "push" };
    // One that has a short form and is not written so is no push.
    return renderPush(push, Number.POSITIVE_INFINITY)[0] === lines[at]!.bytes ? { ...reply, value: push } : reply;
  }

  #isTooMuch(line: OutgoingLine): LineError {
    const hint = this.#state.version === 2 ? "; a text of several lines takes version 3 of the protocol (HELLO 3)" : "";
    return new LineError(line, `no command is left that this line could answer${hint}`);
  }

  readonly #accept = (value: RespValue): readonly Decoded[] => {
    if (value.kind === "push") {
      this.#state.answer(value);
      return this.#message(renderPush(value, this.#limit));
    }
    return this.#greeting.takesReply(value) ? NOTHING : this.#show(value, this.#state.answer(value));
  };

  #show(value: RespValue, { command, queued, isLast }: Answer): readonly Decoded[] {
    if (command?.isRaw && !value.attributes) return this.#message(renderRaw(value), "", command.id, isLast);
    if (queued.some(({ pairs }) => pairs !== "")) return this.#transaction(value, queued, command?.id);
    const pairs = command && command.name !== "EXEC" ? command.pairs : "";
    return this.#message(render(value, this.#limit), pairs, command?.id, isLast);
  }

  /** The replies of a transaction, each with what its own command says of it. */
  #transaction(value: RespValue, queued: readonly Command[], to: number | undefined): readonly Decoded[] {
    const starts: number[] = [];
    const lines = render(value, this.#limit, (line) => starts.push(line));
    if (starts.length === 0) return this.#message(lines, "", to);
    return starts.map((start, i) => ({
      lines: this.#ended(lines.slice(start, starts[i + 1])),
      part: withinTransaction(queued[i]?.pairs ?? ""),
      to,
      ends: i === starts.length - 1 ? "message" : undefined,
    }));
  }

  #message(lines: readonly ByteString[], part: Pairs = "", to?: number, isLast = false): readonly Decoded[] {
    return [{ lines: this.#ended(lines), part, to, ends: "message", ...(isLast && { endsConnection: true }) }];
  }

  #ended(lines: readonly ByteString[]): readonly ByteString[] {
    return lines.map((line) => line + this.#ending);
  }
}

const withinTransaction = (pairs: Pairs): Pairs =>
  pairs.startsWith("pairs ") ? `pairs ${Number(pairs.slice("pairs ".length)) + 1}` : pairs;

function checkEnding(line: OutgoingLine): void {
  if (!line.endingWritten) return;
  throw new LineError(
    line,
    'a reply is sent without any line ending; leave the suffix out, or write the bytes in an example with dialect="line"',
  );
}
