/** One connection to Redis in both directions (see codec.ts in dialects). */
import type { Codec, CodecContext } from "../codec.ts";
import { Connection } from "./connection.ts";
import { Greeting } from "./greeting.ts";
import { RequestDirection } from "./request-direction.ts";
import { ResponseDirection } from "./response-direction.ts";

export class RedisDuplex implements Codec {
  readonly #connection = new Connection();
  readonly requests: RequestDirection;
  readonly responses: ResponseDirection;

  constructor(context: CodecContext) {
    const greeting = new Greeting(this.#connection, context.options);
    this.requests = new RequestDirection(this.#connection, greeting, context);
    this.responses = new ResponseDirection(this.#connection, greeting, context);
  }

  get owed(): number | undefined {
    return this.#connection.owed;
  }
}
