import { formatSpan, type Span } from "./span.ts";

/**
 * The codes of the mistakes that wiredoc reports. Each has a paragraph in docs/errors.md.
 * What a server does wrong is not among them: that is a value, a failure with a kind.
 */
export const ERROR_CODES = [
  "front-matter",
  "unknown-key",
  "unknown-attribute",
  "bad-value",
  "bad-url",
  "remote-target",
  "not-allowed",
  "no-target",
  "unclosed-fence",
  "unclosed-comment",
  "stray-attributes",
  "bad-marker",
  "unknown-control",
  "bad-control",
  "bad-suffix",
  "bad-placeholder",
  "bad-regex",
  "bad-escape",
  "bad-hex",
  "bad-json",
  "unbound-name",
  "unset-variable",
  "bad-request",
  "bad-reply",
  "bad-example",
  "unknown-server",
  "bad-config",
  "usage",
  "no-such-file",
  "unreadable",
  "unwritable",
  "changed",
  "bad-ca",
  "bad-recording",
  "bad-report",
  "unplayed-block",
  "unmarked-line",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A mistake in a document, in the config file or on the command line: what is wrong, where, and the remedy. */
export class WiredocError extends Error {
  override readonly name = "WiredocError";
  readonly code: ErrorCode;
  readonly span: Span | undefined;

  constructor(code: ErrorCode, message: string, span?: Span) {
    super(message);
    this.code = code;
    this.span = span;
  }

  /** `file:line:column: message [code]`, or without the place where there is none. */
  override toString(): string {
    const message = `${this.message} [${this.code}]`;
    return this.span === undefined ? message : `${formatSpan(this.span)}: ${message}`;
  }
}

/** Every mistake of one document, in the order of its lines. */
export class DocumentErrors extends Error {
  override readonly name = "DocumentErrors";
  readonly errors: readonly WiredocError[];

  constructor(errors: readonly WiredocError[]) {
    super(errors.map(String).join("\n"));
    this.errors = errors;
  }
}

/** Longer names, and more known names than this, are not compared: it would take too long. */
const LONGEST_NAME = 100;
const MOST_NAMES = 1000;

/**
 * The known name nearest to a mistyped one, as ` (did you mean "x"?)`; empty if none is near.
 * Near: at most a third of the letters differ (Levenshtein distance, where a swap of neighbours counts once).
 */
export function didYouMean(found: string, known: Iterable<string>): string {
  if (found.length > LONGEST_NAME) return "";
  const wanted = found.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(found.length / 3)) + 1;
  let left = MOST_NAMES;
  for (const name of known) {
    if (left-- === 0) break;
    if (Math.abs(name.length - found.length) >= least) continue;
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best === undefined ? "" : ` (did you mean "${best}"?)`;
}

/** How many letters to insert, delete, replace or swap with a neighbour to turn one word into the other. */
export function editDistance(one: string, other: string): number {
  // A common beginning and end does not count.
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const a = one.slice(start, one.length - end);
  const b = other.slice(start, other.length - end);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(substitution, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}

/** `"a", "b" or "c"`, for the remedy in a message. */
export function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}
