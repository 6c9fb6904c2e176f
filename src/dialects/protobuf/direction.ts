/** One direction of a connection that speaks Protocol Buffers: framed messages to lines. */
import type { Begun, Decoded, Direction, Pending } from "../codec.ts";
import { FramingError, isFramingError } from "../errors.ts";
import { Frames } from "./frames.ts";
import type { Framing } from "./schema.ts";

const NOTHING: readonly Decoded[] = [];

export class MessageDirection implements Direction {
  readonly encode: Direction["encode"];
  readonly #read: (message: Uint8Array) => Decoded;
  readonly #frames: Frames;
  #broken: FramingError | undefined;

  /** @param read may throw a {@link FramingError}. */
  constructor(
    framing: Framing,
    limit: number,
    { encode, read }: { readonly encode: Direction["encode"]; readonly read: (message: Uint8Array) => Decoded },
  ) {
    this.encode = encode;
    this.#read = read;
    this.#frames = new Frames(framing, limit);
  }

  decode(chunk: Uint8Array): readonly Decoded[] {
    if (this.#broken) throw this.#broken;
    const messages: Decoded[] = [];
    try {
      this.#frames.cut(chunk, (message) => messages.push(this.#read(message)));
    } catch (error) {
      if (!isFramingError(error)) throw error;
      this.#broken = new FramingError(error.message);
      throw new FramingError(error.message, messages);
    }
    return messages;
  }

  /** A message that was cut off is none; {@link pending} tells of it. */
  flush(): readonly Decoded[] {
    return NOTHING;
  }

  get pending(): Pending {
    return this.#frames.isWithin ? "message" : "nothing";
  }

  get begun(): Begun {
    return { bytes: this.#frames.begun };
  }
}
