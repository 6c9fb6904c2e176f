/** Variables that are made of themselves or of too many others, and those that would become too long. */
import type { ErrorCode } from "../base/error.ts";
import { formatSize } from "../base/size.ts";
import type { Part } from "../match/parts.ts";

/** How deep variables may be made of others, and how long one may become, in bytes. */
const MOST_NESTED = 100;
export const LONGEST_VALUE = 16e6;

/** Takes a mistake in the value of a variable. */
export type ReportVariable = (code: ErrorCode, message: string, name: string) => void;

/** Reports the variables with such a mistake, and leaves them empty. */
export function measureVariables(variables: Map<string, readonly Part[]>, report: ReportVariable): void {
  const measure = new Measure(variables, report);
  // Most variables are a text, and there is nothing to follow.
  for (const [name, parts] of variables) if (parts.some(({ kind }) => kind !== "text")) measure.of(name, 0);
}

class Measure {
  readonly #parts: Map<string, readonly Part[]>;
  readonly #report: ReportVariable;
  /** The depth and the least length of those that are known; undefined while one is being measured. */
  readonly #known = new Map<string, { readonly depth: number; readonly length: number } | undefined>();

  constructor(parts: Map<string, readonly Part[]>, report: ReportVariable) {
    this.#parts = parts;
    this.#report = report;
  }

  of(name: string, above: number): { readonly depth: number; readonly length: number } {
    const before = this.#known.get(name);
    if (before) return before;
    const parts = this.#parts.get(name);
    if (!parts) return NOTHING;
    let mistake: string | undefined;
    let code: ErrorCode = "bad-value";
    let depth = 0;
    let length = 0;
    if (this.#known.has(name)) {
      code = "unbound-name";
      mistake = `the variable {{${name}}} is made of itself`;
    } else if (above > MOST_NESTED) mistake = tooDeep(name);
    else {
      this.#known.set(name, undefined);
      for (const part of parts) {
        if (part.kind === "text") length += part.bytes.length;
        else {
          const inner = this.of(part.name, above + 1);
          depth = Math.max(depth, inner.depth + 1);
          length += inner.length;
        }
      }
      if (depth > MOST_NESTED) mistake = tooDeep(name);
      else if (length > LONGEST_VALUE)
        mistake = `the variable {{${name}}} would be ${formatSize(length)} long; ${formatSize(LONGEST_VALUE)} are the most`;
    }
    if (mistake !== undefined && parts.length > 0) {
      this.#report(code, mistake, name);
      this.#parts.set(name, []);
    }
    // Those that are made of one that is too long are too long themselves, and told as well.
    const found = { depth: depth > MOST_NESTED ? 0 : depth, length };
    this.#known.set(name, found);
    return found;
  }
}

const NOTHING = { depth: 0, length: 0 };

const tooDeep = (name: string): string =>
  `the variable {{${name}}} is made of others that are made of others, more than ${MOST_NESTED} deep`;
