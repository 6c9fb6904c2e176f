import type { ByteString } from "../base/bytes.ts";
import type { WiredocError } from "../base/error.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../match/parts.ts";
import type { LinePattern, LineTemplate } from "../match/pattern.ts";
import type { ControlVerb } from "../transcript/model.ts";
import type { ExampleSettings } from "./settings.ts";

/** Where examples go: a URL, or a server that the run starts or the config file names. */
export type Place =
  | {
      readonly kind: "url";
      readonly url: readonly Part[];
      /** Where the document names it; then it has to be on this machine. Undefined: it comes from who runs the document. */
      readonly span: Span | undefined;
      /** `ca` is the text of the certificates. */
      readonly tls: TlsOptions;
    }
  | { readonly kind: "server"; readonly name: string; readonly span: Span | undefined; readonly tls: TlsOptions };

/** An exchange as it is on the wire, byte for byte. */
export interface Verbatim {
  readonly request: ByteString;
  readonly reply: ByteString;
}

/** An exchange that may stand in a document more than once, and how often it does. */
export interface Repeats {
  readonly times: number;
}

export interface PlannedExchange {
  readonly kind: "exchange";
  readonly connection: string;
  readonly line: number;
  readonly sends: readonly LineTemplate[];
  readonly expects: readonly LinePattern[];
  /** Whether it can be played without looking up a name. */
  readonly isKnown: boolean;
  /** Where nothing in it is left open, and its dialect writes lines down as they are on the wire. */
  readonly verbatim: Verbatim | undefined;
  /** The same for exchanges that are alike in all that counts; undefined where a right answer may be wrong another time. */
  readonly repeats: Repeats | undefined;
}

export interface PlannedControl {
  readonly kind: "control";
  readonly connection: string;
  readonly line: number;
  readonly verb: ControlVerb;
  /** Of `silence` and `wait`, in milliseconds where it is known before the run. */
  readonly argument: readonly Part[];
  readonly span: Span;
}

export type PlannedStep = PlannedExchange | PlannedControl;

export interface PlannedExample {
  readonly headings: readonly string[];
  readonly name: string;
  readonly line: number;
  /** `opening` and `anytime` examples are not run where they stand. */
  readonly role: "example" | "opening" | "anytime";
  /** Why it is not run; undefined: it is. */
  readonly skip: string | undefined;
  readonly xfail: string | undefined;
  readonly fresh: boolean;
  readonly tags: readonly string[];
  /** The names that it is the first to bind. */
  readonly captures: readonly string[];
  /** Undefined where nothing names a target, which only `check` and `list` allow. */
  readonly place: Place | undefined;
  readonly dialect: Dialect;
  /** Whether the scheme chose the dialect, as it does again for `=== connect URL`. */
  readonly dialectByScheme: boolean;
  readonly settings: ExampleSettings;
  readonly steps: readonly PlannedStep[];
  readonly moves: readonly import("./moves.ts").Move[];
}

export interface PlannedDocument {
  readonly path: string;
  /** In the order of the document: `opening` and `anytime` count from where they stand. */
  readonly examples: readonly PlannedExample[];
  readonly errors: readonly WiredocError[];
  readonly warnings: readonly WiredocError[];
  readonly variables: ReadonlyMap<string, readonly Part[]>;
  readonly connection: "document" | "example";
  /** The document's own target, to which openings belong. */
  readonly place: Place | undefined;
  /** The servers that it names, also where `--target` takes their place. */
  readonly servers: readonly string[];
}
