/** Commands, a line each: a client encodes them, a server decodes them. */
import { type ByteString, decodeText, toBytes } from "../../base/bytes.ts";
import type { Begun, CodecContext, Decoded, Direction, Encoded, OutgoingLine, Pending } from "../codec.ts";
import { LineError } from "../errors.ts";
import { readEach } from "../read-each.ts";
import { encodeCommand, joinCommand, splitCommand } from "./arguments.ts";
import { CommandReader } from "./command-reader.ts";
import type { Greeting } from "./greeting.ts";
import { Incoming } from "./incoming.ts";
import type { RedisState } from "./state.ts";

const NOTHING: readonly Decoded[] = [];

export class RequestDirection implements Direction {
  readonly #state: RedisState;
  readonly #greeting: Greeting;
  readonly #ending: ByteString;
  readonly #incoming: Incoming<readonly ByteString[]>;

  constructor(state: RedisState, greeting: Greeting, { limit, eol }: CodecContext) {
    this.#state = state;
    this.#greeting = greeting;
    this.#ending = eol === "lf" ? "\n" : "\r\n";
    this.#incoming = new Incoming(new CommandReader(limit), this.#show);
  }

  get pending(): Pending {
    return this.#incoming.pending;
  }

  get begun(): Begun {
    return this.#incoming.begun;
  }

  encode(lines: readonly OutgoingLine[]): Exclude<Encoded, { readonly withheld: string }> {
    // Where nothing is typed, redis-cli sends nothing and prompts again.
    const commands = readEach(lines, argumentsOf).filter((args) => args.length > 0);
    let bytes = commands.length > 0 ? this.#greeting.encode() : "";
    const requests = commands.flatMap((args) => {
      bytes += encodeCommand(args);
      return this.#state.ask(args) ?? [];
    });
    return { bytes: toBytes(bytes), requests };
  }

  decode(chunk: Uint8Array): readonly Decoded[] {
    return this.#incoming.decode(chunk);
  }

  flush(): readonly Decoded[] {
    return NOTHING;
  }

  readonly #show = (args: readonly ByteString[]): readonly Decoded[] => {
    if (this.#greeting.takes(args)) return NOTHING;
    const request = this.#state.ask(args);
    const lines = [joinCommand(args) + this.#ending];
    return [{ lines, part: "", to: undefined, ends: "message", ...(request && { request }) }];
  };
}

function argumentsOf(line: OutgoingLine): readonly ByteString[] {
  if (line.endingWritten)
    throw new LineError(
      line,
      'a command is sent without any line ending; leave the suffix out, or write the bytes in an example with dialect="line"',
    );
  return splitCommand(line.bytes, (message, at) => {
    throw new LineError(line, message, decodeText(line.bytes.slice(0, at)).length + 1);
  });
}
