/**
 * The messages that a reader of responses hands over, put together from what it finds: each is a part of the present
 * response, with the number of the request that it answers. Body lines are handed over together.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { Message } from "../dialect.ts";
import { LineCutter } from "./lines.ts";

type Part = "head" | "interim" | "body" | "trailer" | "cut";

export class ResponseMessages {
  /** How many final responses are complete: the number of the request that the present one answers. */
  final = 0;
  /** Whether the present response is an interim one. */
  isInterim = false;
  /** What comes belongs to no response, as the protocol is no longer HTTP. */
  isTunnel = false;
  #messages: Message[] = [];
  #body: ByteString[] = [];
  readonly #cutter = new LineCutter();

  /** How many bytes wait for the LF of their line. */
  get held(): number {
    return this.#cutter.held;
  }

  /** Hands over what was found. */
  take(): readonly Message[] {
    this.flush(false);
    if (this.#messages.length === 0) return NO_MESSAGES;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** Adds bytes of a body, whose lines are cut here. */
  addBody(bytes: Uint8Array): void {
    this.#cutter.cut(bytes, this.#body);
  }

  /** Gives out what of a body has no LF so far. */
  releaseLine(): void {
    this.#cutter.release(this.#body);
  }

  /** Adds what follows the last response. */
  addStray(bytes: Uint8Array): void {
    this.#addStray((lines) => this.#cutter.cut(bytes, lines));
  }

  /** Gives out what of that has no LF so far. */
  releaseStray(): void {
    if (this.#cutter.held > 0) this.#addStray((lines) => this.#cutter.release(lines));
  }

  #addStray(add: (lines: ByteString[]) => void): void {
    this.flush(false);
    const lines: ByteString[] = [];
    add(lines);
    if (lines.length > 0) this.#messages.push({ lines, complete: false, part: "stray" });
  }

  /** Adds a part of the present response, or of what a change of protocol brings. */
  add(lines: readonly ByteString[], complete: boolean, part: Part): void {
    const to = this.isTunnel ? undefined : this.final;
    this.#messages.push({ lines, complete, part, to, interim: this.isInterim });
  }

  /** Adds the body lines that are complete. */
  flush(complete: boolean): void {
    if (this.#body.length === 0 && !complete) return;
    this.add(this.#body, complete, "body");
    this.#body = [];
  }

  /** Adds all there is of a response that ends before its end, at last lines that are no part of a body. */
  addCut(lines: readonly ByteString[]): void {
    this.#cutter.release(this.#body);
    this.flush(false);
    if (lines.length > 0) this.add(lines, false, "cut");
  }

  /** Ends the present response. */
  end(trailers: readonly ByteString[]): void {
    this.#cutter.release(this.#body);
    if (trailers.length === 0) return this.flush(true);
    this.flush(false);
    this.add(trailers, true, "trailer");
  }
}

const NO_MESSAGES: readonly Message[] = [];
