/** One HTTP/1.1 connection: requests one way, responses the other way, and what each has to know of the other. */
import type { Codec, CodecContext } from "../codec.ts";
import { Exchanges } from "./exchanges.ts";
import { HttpRequests } from "./requests.ts";
import { HttpResponses } from "./responses.ts";

export class HttpConnection implements Codec {
  readonly #exchanges = new Exchanges();
  readonly requests: HttpRequests;
  readonly responses: HttpResponses;

  constructor({ eol, host, options, limit }: CodecContext) {
    const completion = { eol, host, complete: options.complete !== false };
    this.requests = new HttpRequests(this.#exchanges, completion, limit);
    this.responses = new HttpResponses(this.#exchanges, completion, limit);
  }

  /** After a change of protocol nobody can tell what is still to come. */
  get owed(): number | undefined {
    return this.#exchanges.isTunnel ? undefined : this.#exchanges.open.length;
  }
}
