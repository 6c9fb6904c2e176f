import type { DiffRow } from "../match/diff.ts";

export type { DiffRow };

export type FailureKind =
  | "mismatch"
  | "missing"
  | "extra"
  | "timeout"
  | "closed"
  | "not-closed"
  | "unbound"
  | "connect"
  | "protocol";

export interface Failure {
  readonly kind: FailureKind;
  /** The document's line: of the reply line that did not match or was awaited; for `extra` of the last line before it; for `not-closed` of the control. */
  readonly line: number;
  /** A sentence that says what happened. */
  readonly message: string;
  /** Further lines: the last output of a server that ended. */
  readonly details?: readonly string[];
}

/** A reply line that was not the same in each round (`--repeat`). Lines as a document writes them. */
export interface Varying {
  /** The document's line; undefined for a line that it does not write, and for the order of all lines. */
  readonly line: number | undefined;
  /** What came for it, each text once. */
  readonly received: readonly string[];
  /** In how many rounds nothing came for it. */
  readonly missing: number;
  /** A line to write in its place, or `unordered`, the attribute for the block; undefined where nothing is known that helps. */
  readonly proposal: string | undefined;
}

/** What became of one exchange. Lines are text (see base/bytes.ts), as a document writes them, not escaped for a terminal. */
export interface ExchangeResult {
  readonly line: number;
  readonly connection: string;
  /** Played as a server: `sent` are the reply lines, which answer what was received; `expected` are the client lines. */
  readonly answers?: true | undefined;
  /** Its client lines, with the values of their placeholders as far as they are known. */
  readonly sent: readonly string[];
  /** True where the client lines were not sent: the exchange was skipped, or failed before. */
  readonly unsent?: boolean;
  readonly expected: readonly string[];
  readonly received: readonly string[];
  /** `unsupported`: it failed, and the server said that it does not support what was asked. */
  readonly status: "passed" | "failed" | "skipped" | "unsupported";
  /** Why it was skipped, where something other than the example's own failure is the reason; by which line it is unsupported. */
  readonly reason?: string | undefined;
  readonly failure: Failure | undefined;
  /** True where it failed, or had no reply, and its reply lines are written anew (`--update`). */
  readonly updated?: true;
  /** True where it is that of an opening which failed before, and is shown there. */
  readonly repeated?: boolean;
  /** Rows for people, where the reply differed. */
  readonly diff: readonly DiffRow[] | undefined;
  /** Where it was played in rounds: what was not the same in each of them. */
  readonly varying?: readonly Varying[];
  /** Milliseconds from its client lines to the end of its reply. */
  readonly ms: number;
}

export type ExampleStatus = "passed" | "failed" | "skipped" | "unsupported" | "xfailed" | "xpassed";

export interface ExampleResult {
  readonly name: string;
  readonly headings: readonly string[];
  readonly line: number;
  readonly status: ExampleStatus;
  /** Why it was skipped, is unsupported or is expected to fail. */
  readonly reason: string | undefined;
  /** How many times it was run: 1 without `retry`, 0 where skipped. */
  readonly attempts: number;
  readonly exchanges: readonly ExchangeResult[];
  readonly ms: number;
  /** Where it was played in rounds: in how many, and in how many of them it failed. The result is that of the first such. */
  readonly rounds?: { readonly count: number; readonly failed: number };
}

/** Why a document was not run, or (`update`) why its file could not be rewritten. `details` are further lines: a server's last output, other mistakes of the document. */
export interface DocumentError {
  readonly kind: "document" | "connect" | "server" | "update";
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly details: readonly string[];
}

/** What is most likely meant otherwise than it is read; it fails nothing (without `--strict`). */
export interface DocumentWarning {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface DocumentResult {
  readonly path: string;
  /** The first one decides; further mistakes of a document follow it. */
  readonly errors: readonly DocumentError[];
  readonly examples: readonly ExampleResult[];
  /** Whether the run was interrupted in this document. */
  readonly interrupted: boolean;
  readonly ms: number;
  /** How many rounds were played, where it is more than one. */
  readonly rounds?: number;
}

export interface Counts {
  readonly documents: number;
  readonly examples: number;
  readonly exchanges: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly unsupported: number;
}

/**
 * What a run tells, in order; documents that run side by side are interleaved. `exchange` and `example` say what is
 * known at the end of an example; extra output found later, when a connection ends, shows only in `document-end`, which is the truth.
 */
export type RunEvent =
  | {
      readonly kind: "run-start";
      readonly documents: readonly { readonly path: string; readonly examples: number }[];
      /** The config file, as seen from the working directory; undefined where there is none. */
      readonly config: string | undefined;
      /** Of all documents, also of those in which there is nothing to run. */
      readonly warnings: readonly DocumentWarning[];
    }
  /** A line that a started server printed, as it is; only where that is asked for. */
  | { readonly kind: "server-output"; readonly server: string; readonly line: string }
  | { readonly kind: "document-start"; readonly path: string; readonly examples: number }
  | { readonly kind: "exchange"; readonly path: string; readonly example: string; readonly exchange: ExchangeResult }
  | { readonly kind: "example"; readonly path: string; readonly example: ExampleResult }
  | { readonly kind: "document-end"; readonly path: string; readonly document: DocumentResult }
  | {
      readonly kind: "run-end";
      readonly ok: boolean;
      readonly interrupted: boolean;
      readonly exitCode: number;
      readonly durationMs: number;
      readonly counts: Counts;
    };

/** Why an example was skipped or is expected to fail; where nothing is said of it, what its exchanges were skipped for. */
export const reasonOf = ({ reason, status, exchanges }: ExampleResult): string | undefined =>
  reason ?? (status === "skipped" ? exchanges.find((exchange) => exchange.reason !== undefined)?.reason : undefined);

/** Whether an example counts as failed. */
export const isFailed = (status: ExampleStatus): boolean => status === "failed" || status === "xpassed";
