/**
 * What was lately read of the past. etcd tells hundreds of changes at a time, and takes a tenth of a second to begin: who
 * follows the past, one WAIT for each change, is answered from what was read for the WAIT before.
 */
import { ChangeWindow } from "./window.ts";

/** As many may follow the past at a time, each elsewhere, before they disturb one another. */
const MOST_PARTS = 16;
const BYTES_OF_A_PART = 2 * 1024 * 1024;

export class Past {
  /** The one used last is the last one. */
  readonly #parts = new Set<ChangeWindow>();

  /** What covers a revision. */
  at(revision: number): ChangeWindow | undefined {
    for (const part of this.#parts) {
      if (!part.covers(revision)) continue;
      this.keep(part);
      return part;
    }
    return undefined;
  }

  /** What is to be read from a revision on. */
  begin(revision: number): ChangeWindow {
    return new ChangeWindow(revision, BYTES_OF_A_PART);
  }

  keep(part: ChangeWindow): void {
    this.#parts.delete(part);
    this.#parts.add(part);
    const [oldest] = this.#parts;
    if (this.#parts.size > MOST_PARTS) this.#parts.delete(oldest!);
  }
}
