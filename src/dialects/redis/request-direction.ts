/** Commands, a line each: a client encodes them, a server decodes them. */
import { type ByteString, decodeText, toBytes } from "../../base/bytes.ts";
import { Recent } from "../../base/recent.ts";
import type { Begun, CodecContext, Decoded, Direction, Encoded, OutgoingLine, Pending, Request } from "../codec.ts";
import { LineError } from "../errors.ts";
import { readEach } from "../read-each.ts";
import { encodeCommand, joinCommand, splitCommand } from "./arguments.ts";
import { CommandReader } from "./command-reader.ts";
import { type Command, commandOf } from "./commands.ts";
import type { Greeting } from "./greeting.ts";
import { Incoming } from "./incoming.ts";
import type { RedisState } from "./state.ts";

/** A command that was sent, as it is on the wire, and what it tells of its replies. */
interface Sent {
  readonly encoded: ByteString;
  readonly command: Command;
}

/** Longer commands are not remembered. In bytes. */
const LONGEST_KEPT = 1024;
const NOTHING: readonly Decoded[] = [];

export class RequestDirection implements Direction {
  readonly #state: RedisState;
  readonly #greeting: Greeting;
  readonly #ending: ByteString;
  /** By their lines, as clients say the same again and again. */
  readonly #sent = new Recent<ByteString, Sent>();
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
    const commands = this.#recall(lines) ?? this.#read(lines);
    let bytes = commands.length > 0 ? this.#greeting.encode() : "";
    const requests: Request[] = [];
    for (const { encoded, command } of commands) {
      bytes += encoded;
      const request = this.#state.ask(command);
      if (request) requests.push(request);
    }
    return { bytes: toBytes(bytes), requests };
  }

  /** What lines say that were all sent before; undefined where one was not. */
  #recall(lines: readonly OutgoingLine[]): readonly Sent[] | undefined {
    if (!this.#sent.isOfUse) return undefined;
    const commands: Sent[] = [];
    for (const { bytes, endingWritten } of lines) {
      const known = endingWritten ? undefined : this.#sent.get(bytes);
      if (!known) return undefined;
      commands.push(known);
    }
    return commands;
  }

  #read(lines: readonly OutgoingLine[]): readonly Sent[] {
    const commands: Sent[] = [];
    for (const [i, args] of readEach(lines, argumentsOf).entries()) {
      // Where nothing is typed, redis-cli sends nothing and prompts again.
      if (args.length === 0) continue;
      const sent = { encoded: encodeCommand(args), command: commandOf(args) };
      commands.push(sent);
      if (sent.encoded.length <= LONGEST_KEPT) this.#sent.set(lines[i]!.bytes, sent);
    }
    return commands;
  }

  decode(chunk: Uint8Array): readonly Decoded[] {
    return this.#incoming.decode(chunk);
  }

  flush(): readonly Decoded[] {
    return NOTHING;
  }

  readonly #show = (args: readonly ByteString[]): readonly Decoded[] => {
    if (this.#greeting.takes(args)) return NOTHING;
    const request = this.#state.ask(commandOf(args));
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
