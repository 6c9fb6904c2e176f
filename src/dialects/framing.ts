import type { Decoded } from "./codec.ts";
import { FramingError, isFramingError } from "./errors.ts";

/** The state of a peer's framing: once it is broken, it stays so. */
export class Framing {
  #broken: FramingError | undefined;

  /**
   * Takes a step, and what it has found; a step that finds the framing broken hands over what came before that.
   * @throws {FramingError}
   */
  read(step: () => void, take: () => readonly Decoded[]): readonly Decoded[] {
    if (this.#broken) throw this.#broken;
    try {
      step();
    } catch (error) {
      if (!isFramingError(error)) throw error;
      this.#broken = new FramingError(error.message);
      throw new FramingError(error.message, take());
    }
    return take();
  }
}
