/** The HELLO of the option `protocol`: no document shows it, and no request counts it. */
import { type ByteString, writeLine } from "../../base/bytes.ts";
import type { DialectOptions } from "../../base/settings.ts";
import { FramingError } from "../errors.ts";
import { encodeCommand } from "./arguments.ts";
import type { RedisState } from "./state.ts";
import type { RespValue } from "./value.ts";
import { writeValue } from "./writer.ts";

export class Greeting {
  readonly #state: RedisState;
  readonly #version: 2 | 3;
  /** Whether HELLO is still to be sent, awaits its reply, or needs no thought (any more). */
  #phase: "due" | "sent" | "done";

  constructor(state: RedisState, { protocol }: DialectOptions) {
    this.#state = state;
    this.#version = protocol === "3" ? 3 : 2;
    this.#phase = protocol === undefined ? "done" : "due";
  }

  /** Whether its reply was taken, or none is due. */
  get isOver(): boolean {
    return this.#phase === "done";
  }

  /** What a client sends before its first command. */
  encode(): ByteString {
    if (this.#phase !== "due") return "";
    this.#phase = "sent";
    return encodeCommand(["HELLO", String(this.#version)]);
  }

  /** Whether a command that a client sent is this one. Only its first can be. */
  takes(args: readonly ByteString[]): boolean {
    if (this.#phase !== "due") return false;
    const isHello = args.length === 2 && args[0]!.toUpperCase() === "HELLO" && args[1] === String(this.#version);
    this.#phase = isHello ? "sent" : "done";
    return isHello;
  }

  /** What a server sends before its first reply. */
  encodeReply(): ByteString {
    if (this.#phase !== "sent") return "";
    this.#accept();
    const elements: readonly RespValue[] = [
      { kind: "string", text: "server", attributes: undefined },
      { kind: "string", text: "redis", attributes: undefined },
      { kind: "string", text: "proto", attributes: undefined },
      { kind: "integer", text: String(this.#version), attributes: undefined },
    ];
    const kind = this.#version === 3 ? "map" : "array";
    return writeValue({ kind, elements, attributes: undefined }, this.#version);
  }

  /** Whether a value is the reply of the server. @throws {FramingError} where that refuses. */
  takesReply(value: RespValue): boolean {
    if (this.#phase !== "sent") return false;
    if (value.kind === "error") {
      this.#phase = "done";
      const why = writeLine(value.text);
      throw new FramingError(`the server refused HELLO ${this.#version}, which "protocol" asks for: ${why}`);
    }
    this.#accept();
    return true;
  }

  #accept(): void {
    this.#phase = "done";
    this.#state.version = this.#version;
  }
}
