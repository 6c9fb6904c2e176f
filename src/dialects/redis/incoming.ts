/** The receiving side of a direction: bytes to values, each to the messages that it is shown as. */
import type { Begun, Decoded, Pending } from "../codec.ts";
import { FramingError, isFramingError } from "../errors.ts";

/** What cuts bytes into values. */
interface Reader<T> {
  /** @throws {FramingError} The reader is of no use then. */
  read(chunk: Uint8Array): void;
  /** The values that are complete since they were last taken. */
  take(): readonly T[];
  /** Whether a value has begun that is incomplete; and its first bytes. */
  readonly isWithin: boolean;
  readonly begun: string;
}

export class Incoming<T> {
  readonly #reader: Reader<T>;
  readonly #show: (value: T) => readonly Decoded[];
  #broken: FramingError | undefined;

  constructor(reader: Reader<T>, show: (value: T) => readonly Decoded[]) {
    this.#reader = reader;
    this.#show = show;
  }

  get pending(): Pending {
    return this.#reader.isWithin ? "message" : "nothing";
  }

  get begun(): Begun {
    return { bytes: this.#reader.begun };
  }

  /** Once the framing is broken, it stays so. @throws {FramingError} with what was complete before the mistake. */
  decode(chunk: Uint8Array): readonly Decoded[] {
    if (this.#broken) throw this.#broken;
    const messages: Decoded[] = [];
    try {
      try {
        this.#reader.read(chunk);
      } finally {
        for (const value of this.#reader.take()) messages.push(...this.#show(value));
      }
    } catch (error) {
      if (!isFramingError(error)) throw error;
      this.#broken = new FramingError(error.message);
      throw new FramingError(error.message, messages);
    }
    return messages;
  }
}
