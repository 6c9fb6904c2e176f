import { Readable, Writable } from "node:stream";
import type { Surroundings } from "../../src/commands/command.ts";

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** What a command may use of a process, collected. */
export function surroundings(signal: AbortSignal = new AbortController().signal): {
  readonly given: Surroundings;
  out(): string;
  err(): string;
} {
  const stdout = new Collected();
  const stderr = new Collected();
  return {
    given: { stdin: Readable.from([]), stdout, stderr, takeInterrupts: () => signal },
    out: () => stdout.text,
    err: () => stderr.text,
  };
}
