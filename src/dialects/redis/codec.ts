/** The client's side of a connection for a player that knows one side only; it goes with that player. */
import type { ByteString } from "../../base/bytes.ts";
import type { Decoded } from "../codec.ts";
import { type Codec, type CodecContext, FramingError, type Message, type OutgoingExchange } from "../dialect.ts";
import { isFramingError } from "../errors.ts";
import { RedisDuplex } from "./duplex.ts";

const NOTHING: readonly Message[] = [];

export class RedisCodec implements Codec {
  readonly #duplex: RedisDuplex;
  readonly holds = false;
  over = false;
  asked = 0;

  constructor(context: CodecContext) {
    this.#duplex = new RedisDuplex(context);
  }

  get owed(): number | undefined {
    return this.#duplex.owed;
  }

  get begun(): ByteString {
    return this.#duplex.responses.begun.bytes;
  }

  get isWithin(): boolean {
    return this.#duplex.responses.pending !== "nothing";
  }

  begin({ sends }: OutgoingExchange): Uint8Array {
    const { bytes, requests } = this.#duplex.requests.encode(sends);
    this.asked += requests.length;
    return bytes;
  }

  decode(chunk: Uint8Array): readonly Message[] {
    try {
      return this.#messages(this.#duplex.responses.decode(chunk));
    } catch (error) {
      if (!isFramingError(error)) throw error;
      throw new FramingError(error.message, this.#messages(error.messages));
    }
  }

  end(): readonly Message[] {
    return NOTHING;
  }

  #messages(decoded: readonly Decoded[]): readonly Message[] {
    return decoded.map(({ lines, part, to, ends }) => {
      if (ends === "connection") this.over = true;
      return { lines, complete: ends !== undefined, part, to };
    });
  }
}
