import type { WiredocError } from "../base/error.ts";
import type { Regex } from "../base/regex.ts";
import type { DialectOptions, Eol, TlsOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Extent } from "./block.ts";

/** A mark at the start of a line: a text that the line begins with, or an expression with the groups `connection` and `text`. */
export type Marker =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regex"; readonly regex: Regex };

/**
 * What front matter may set (format guide, section 1), each value checked. Durations are in milliseconds, sizes in bytes.
 * `options` holds those of the dialects, by the dialect's name.
 */
export interface Settings {
  readonly target?: string;
  readonly server?: string;
  readonly dialect?: string;
  readonly eol?: Eol;
  readonly timeout?: number;
  readonly settle?: number;
  readonly limit?: number;
  readonly connection?: "document" | "example";
  readonly client?: readonly Marker[];
  readonly reply?: readonly Marker[];
  readonly blocks?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly tls?: TlsOptions;
  readonly options?: Readonly<Record<string, DialectOptions>>;
}

/** The attributes of one example (format guide, section 2). `retry` counts further tries, `every` is in milliseconds. */
export interface Attributes
  extends Pick<Settings, "target" | "server" | "dialect" | "eol" | "timeout" | "settle" | "tags"> {
  /** The reason, or an empty text where none was given. */
  readonly skip?: string;
  readonly xfail?: string;
  readonly opening?: boolean;
  readonly anytime?: boolean;
  readonly fresh?: boolean;
  readonly unordered?: boolean;
  readonly retry?: number;
  readonly every?: number;
}

/** A line that the document writes: its text without marker and layout, and where that text begins. */
export interface WrittenLine {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Whether it bore a marker of its own (`<<<`); every client line does. */
  readonly marked: boolean;
}

/**
 * A run of client lines on one connection and the reply lines after it on that connection; without client lines it
 * takes what the server says by itself. `connection` is empty for the unnamed one.
 */
export interface Exchange {
  readonly kind: "exchange";
  readonly connection: string;
  readonly line: number;
  readonly sends: readonly WrittenLine[];
  readonly expects: readonly WrittenLine[];
}

/** A line `=== verb argument`, acting on a connection. `argument` is what follows the verb, or empty. */
export interface Control {
  readonly kind: "control";
  readonly connection: string;
  readonly line: number;
  readonly column: number;
  readonly verb: ControlVerb;
  readonly argument: string;
}

export const CONTROL_VERBS = [
  "close",
  "half-close",
  "reset",
  "closed",
  "silence",
  "wait",
  "starttls",
  "connect",
] as const;
export type ControlVerb = (typeof CONTROL_VERBS)[number];

export type Step = Exchange | Control;

/** One code block that is played. */
export interface Example {
  /** The headings above it, outermost first, as plain text. */
  readonly headings: readonly string[];
  /** Its block in the source. */
  readonly block: Extent;
  /** The language of its fence where that is the name of a dialect. */
  readonly language: string;
  readonly attributes: Attributes;
  /** Where each attribute's value is, for mistakes that only planning sees. */
  readonly attributeSpans: Readonly<Record<string, Span>>;
  readonly steps: readonly Step[];
}

/** What a Markdown file says before its first example. */
export interface DocumentHead {
  readonly path: string;
  /** Its text as it was read, line endings and byte order mark included; no column counts the latter. */
  readonly source: string;
  readonly settings: Settings;
  /** Where each front-matter value is, and each key within one (`tls.ca`), for mistakes that only planning sees. */
  readonly settingSpans: Readonly<Record<string, Span>>;
}

/** A Markdown file as far as wiredoc reads it. */
export interface Document extends DocumentHead {
  readonly examples: readonly Example[];
  /** Parts that probably mean something else than what is read. The document is run all the same. */
  readonly warnings: readonly WiredocError[];
}

/** `put › a body that is too long`: the headings above an example, or the line of its block where there are none. */
export const exampleName = (headings: readonly string[], line: number): string =>
  headings.length > 0 ? headings.join(" › ") : `line ${line}`;
