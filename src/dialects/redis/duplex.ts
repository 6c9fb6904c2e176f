/** One connection to Redis in both directions. */
import type { Codec, CodecContext } from "../codec.ts";
import { Greeting } from "./greeting.ts";
import { RequestDirection } from "./request-direction.ts";
import { ResponseDirection } from "./response-direction.ts";
import { RedisState } from "./state.ts";

export class RedisDuplex implements Codec {
  readonly #state = new RedisState();
  readonly requests: RequestDirection;
  readonly responses: ResponseDirection;

  constructor(context: CodecContext) {
    const greeting = new Greeting(this.#state, context.options);
    this.requests = new RequestDirection(this.#state, greeting, context);
    this.responses = new ResponseDirection(this.#state, greeting, context);
  }

  get owed(): number | undefined {
    return this.#state.owed;
  }
}
