/** Captures as places in what came: a value is cut out of it only where it is needed. */
import type { ByteString } from "../base/bytes.ts";
import type { Placeholder } from "./parts.ts";
import type { ReceivedBytes } from "./received-bytes.ts";
import { FILTERS, type Filter } from "./variables.ts";

/** What a placeholder took, the latest one first: a place in what came, or a value of its own. */
export interface Capture {
  readonly name: string;
  readonly start: number;
  /** Below zero as long as the placeholder goes on. */
  readonly end: number;
  value: ByteString | undefined;
  readonly before: Capture | undefined;
}

export const captureAt = (name: string, start: number, end: number, before: Capture | undefined): Capture => ({
  name,
  start,
  end,
  value: undefined,
  before,
});

export function findCapture(name: string, captures: Capture | undefined): Capture | undefined {
  let at = captures;
  while (at && at.name !== name) at = at.before;
  return at;
}

/** The most bytes that filters take for one reply. */
const MOST_FILTERED = 1 << 26;

export class CaptureValues {
  readonly #received: ReceivedBytes;
  readonly #filtered = new WeakMap<Capture, Map<Filter, ByteString>>();
  #bytesFiltered = 0;

  constructor(received: ReceivedBytes) {
    this.#received = received;
  }

  valueOf(capture: Capture): ByteString {
    capture.value ??= this.#received.slice(capture.start, capture.end);
    return capture.value;
  }

  /** The length of the text that a placeholder stands for; undefined where its name is not bound, or a filter costs too much. */
  lengthOf({ name, filter }: Placeholder, captures: Capture | undefined): number | undefined {
    // The name of a line that may be absent, and is, has no value.
    const bound = findCapture(name, captures);
    if (!bound) return undefined;
    return filter ? this.#filter(bound, filter)?.length : bound.end - bound.start;
  }

  /** A byte of that text. */
  byteOf({ name, filter }: Placeholder, captures: Capture | undefined, at: number): number | undefined {
    const bound = findCapture(name, captures)!;
    if (filter) return this.#filter(bound, filter)?.charCodeAt(at);
    return bound.value === undefined ? this.#received.data[bound.start + at] : bound.value.charCodeAt(at);
  }

  #filter(bound: Capture, filter: Filter): ByteString | undefined {
    if (filter === "length") return String(bound.end - bound.start);
    const known = this.#filtered.get(bound)?.get(filter);
    if (known !== undefined) return known;
    this.#bytesFiltered += bound.end - bound.start;
    if (this.#bytesFiltered > MOST_FILTERED) return undefined;
    const value = FILTERS[filter](this.valueOf(bound));
    const values = this.#filtered.get(bound) ?? new Map<Filter, ByteString>();
    this.#filtered.set(bound, values.set(filter, value));
    return value;
  }
}
