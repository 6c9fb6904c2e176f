/**
 * What a client sends to Redis: bytes in, commands out. A command is an array of strings (RESP), or a line of text, which
 * Redis splits as redis-cli does (an inline command): whatever does not begin with `*`. An empty array and an empty line
 * are no commands.
 */
import { type ByteString, decodeText } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import { Beginning } from "../beginning.ts";
import { BytePile } from "../byte-pile.ts";
import { splitCommand } from "./arguments.ts";
import { RespReader } from "./reader.ts";
import { fail } from "./syntax.ts";
import { isAggregate, type RespValue } from "./value.ts";

/** As large as Redis takes a line. */
const LARGEST_LINE = 64 * 1024;
const LF = 10;
const ARRAY = 42;

export class CommandReader {
  readonly #limit: number;
  readonly #arrays: RespReader;
  readonly #inline = new BytePile();
  readonly #begun = new Beginning();
  #commands: (readonly ByteString[])[] = [];

  constructor(limit: number) {
    this.#limit = limit;
    this.#arrays = new RespReader(limit, "command");
  }

  /** The first bytes of an incomplete command. */
  get begun(): ByteString {
    return this.#begun.bytes;
  }

  get isWithin(): boolean {
    return this.#inline.length > 0 || this.#arrays.isWithin;
  }

  /** The arguments of the commands that are complete since they were last taken. */
  take(): readonly (readonly ByteString[])[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  /** @throws {FramingError} The reader is of no use then. */
  read(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    let end = 0;
    while (at < bytes.length) {
      const isInline = this.#inline.length > 0 || (!this.#arrays.isWithin && bytes[at] !== ARRAY);
      at = isInline ? this.#readInline(bytes, at) : this.#readArray(bytes, at);
      if (!this.isWithin) end = at;
    }
    this.#begun.note(bytes, end);
  }

  #readArray(bytes: Buffer, at: number): number {
    const end = this.#arrays.step(bytes, at);
    for (const value of this.#arrays.take()) this.#onCommand(argumentsOf(value));
    return end;
  }

  #readInline(bytes: Buffer, at: number): number {
    const lf = bytes.indexOf(LF, at);
    const end = lf < 0 ? bytes.length : lf + 1;
    const limit = Math.min(this.#limit, LARGEST_LINE);
    if (this.#inline.length + end - at > limit)
      fail(`a command in a line is larger than the limit of ${formatSize(limit)}`);
    const piece = bytes.subarray(at, end);
    if (lf < 0) this.#inline.add(piece);
    else {
      const line = this.#inline.take(piece).replace(/\r?\n$/, "");
      this.#onCommand(splitCommand(line, (message, at) => failInline(message, line.slice(0, at))));
    }
    return end;
  }

  #onCommand(args: readonly ByteString[]): void {
    if (args.length > 0) this.#commands.push(args);
  }
}

const failInline = (message: string, before: ByteString): never =>
  fail(`a command in a line, column ${decodeText(before).length + 1}: ${message}`);

function argumentsOf(value: RespValue): readonly ByteString[] {
  if (!isAggregate(value)) return [];
  return value.elements.map((element, i) => {
    if (element.kind === "string") return element.text;
    return fail(`a command is an array of strings; its argument ${i + 1} is of the type "${element.kind}"`);
  });
}
