/** Typed lines that are not a whole request yet. In http a request has several lines, elsewhere each line is sent at once. */
import type { OutgoingLine } from "../../dialects/codec.ts";

/** Requests with a body, where the head does not say that there is none (RFC 9110, section 9.3). */
const WITH_BODY = /^(?:POST|PUT|PATCH) /;
const ANNOUNCES_BODY = /^(?:content-length:\s*0*[1-9]|transfer-encoding:)/i;
const ANNOUNCES_NONE = /^content-length:\s*0+\s*$/i;

export class RequestDraft {
  readonly #isHttp: boolean;
  #lines: OutgoingLine[] = [];
  #headEnds = false;

  constructor(isHttp: boolean) {
    this.#isHttp = isHttp;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** @returns the request that this line completes: in http an empty line after the head, or after the body. */
  add(line: OutgoingLine): readonly OutgoingLine[] {
    if (!this.#isHttp) return [line];
    if (line.bytes === "") {
      if (this.isEmpty) return [];
      if (this.#headEnds || !this.#hasBody()) return this.take();
      this.#headEnds = true;
    }
    this.#lines.push(line);
    return [];
  }

  #hasBody(): boolean {
    const [first, ...headers] = this.#lines.map(({ bytes }) => bytes);
    if (headers.some((header) => ANNOUNCES_NONE.test(header))) return false;
    return WITH_BODY.test(first ?? "") || headers.some((header) => ANNOUNCES_BODY.test(header));
  }

  /** What has been typed of a request. */
  take(): readonly OutgoingLine[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#headEnds = false;
    if (lines.at(-1)?.bytes === "") lines.pop();
    return lines;
  }
}
