/** What was asked and answered on one connection. Both directions write it and read it: a response to HEAD has no body. */
import type { RequestHead } from "./request.ts";

/** A request whose final response is not complete. */
export interface OpenRequest extends RequestHead {
  /** Counted from 0 on each connection. */
  readonly id: number;
}

export class Exchanges {
  /** Oldest first: HTTP/1.1 answers in this order. */
  readonly open: OpenRequest[] = [];
  /** How many requests there were. */
  asked = 0;
  /** The protocol is no longer HTTP: lines follow without framing. */
  isTunnel = false;
  /** Whether the last request asks for a change of protocol, answered or not. */
  asksChange = false;

  /** A request was sent, or its head has come. */
  ask({ method, closes, encoded, changes }: RequestHead): OpenRequest {
    const request = { id: this.asked++, method, closes, encoded, changes };
    this.open.push(request);
    this.asksChange = changes;
    return request;
  }

  /** The final response to the oldest open request is complete. @returns that request; undefined where none is open. */
  answer(): OpenRequest | undefined {
    return this.open.shift();
  }

  /** Whether the last request asks for a change of protocol and has no final response, so that nobody can tell what follows it. */
  get isUndecided(): boolean {
    return this.asksChange && this.open.length > 0;
  }
}
