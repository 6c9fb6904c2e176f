import type { WiredocError } from "../base/error.ts";
import type { Search } from "../base/regex.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../match/parts.ts";
import type { DocumentHead } from "../transcript/model.ts";
import type { Move } from "./moves.ts";
import type { ExampleSettings } from "./settings.ts";

/** Where examples go: a URL, or a server that the run starts or the config file names. */
export type Place =
  | {
      readonly kind: "url";
      readonly url: readonly Part[];
      /** Where the document names it: then it has to be on this machine. Undefined: the user who runs it names it. */
      readonly span: Span | undefined;
      /** `ca` is the text of the certificates. */
      readonly tls: TlsOptions;
    }
  | { readonly kind: "server"; readonly name: string; readonly span: Span | undefined; readonly tls: TlsOptions };

export interface PlannedExample {
  readonly headings: readonly string[];
  readonly name: string;
  readonly line: number;
  /** `opening` and `anytime` examples are not run at their place. */
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
  readonly moves: readonly Move[];
}

export interface PlannedDocument {
  readonly path: string;
  /** In the order of the document: `opening` and `anytime` count from their place on. */
  readonly examples: readonly PlannedExample[];
  readonly errors: readonly WiredocError[];
  readonly warnings: readonly WiredocError[];
  readonly variables: ReadonlyMap<string, readonly Part[]>;
  readonly connection: "document" | "example";
  /** The document's own target, to which openings belong. */
  readonly place: Place | undefined;
  /** The servers that it names, also where `--target` takes their place. */
  readonly servers: readonly string[];
  /** Each finds the reply lines by which the server says that it does not support a request. */
  readonly unsupported: readonly Search[];
  /** Its text and its settings, where its replies may be written anew (`--update`). */
  readonly head: DocumentHead | undefined;
  /** Plans another text in its place. @param moved where a line of this one is in that text. */
  replan(text: string, moved: (line: number) => number): Promise<PlannedDocument>;
}
