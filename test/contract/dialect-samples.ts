/** What the contract suite needs to know of a dialect. Each dialect has a file of these in test/dialects/samples. */
import type { DialectOptions } from "../../src/base/settings.ts";
import type { Dialect } from "../../src/dialects/dialect.ts";
import type { Finding } from "./dialect-talk.ts";

export type Way = "requests" | "responses";

/** What one party says at once. */
export interface Turn {
  readonly by: "client" | "server";
  /** As a document writes them; ` (no-eol)` and ` (lf)` at the end of one are read. */
  readonly lines: readonly string[];
  /** What the other side reads where it is not the same: what the encoder completed. */
  readonly decoded?: readonly string[];
  /** What goes over the wire, a unit for each byte, where the lines do not tell it: then nothing is encoded. */
  readonly bytes?: string;
  /** Of a reply: the number of the request that it answers. */
  readonly to?: number;
  /** Whether a request goes on in the client's next turn. */
  readonly goesOn?: boolean;
  /** Whether the party then closes the connection. */
  readonly closes?: boolean;
}

export interface Conversation {
  readonly name: string;
  readonly turns: readonly Turn[];
}

/** Bytes that break the framing, or go beyond a limit. */
export interface Broken {
  readonly name: string;
  readonly way: Way;
  /** What was said before. */
  readonly after?: readonly Turn[];
  readonly bytes: string;
  readonly message: RegExp;
  /** The largest message in bytes; a megabyte where it is left out. */
  readonly limit?: number;
}

/** The tests of the contract, by their names. */
export type Contract =
  | "what one side encodes the other decodes to the same lines"
  | "a proxy that decodes both directions agrees"
  | "every cut of the bytes gives the same lines and ends"
  | "nothing pending means that a flush gives nothing"
  | "what has begun is shown by its first bytes"
  | "what a reply names was asked, and it is answered once"
  | "a request that is decoded is the one that was encoded"
  | `hostile bytes are decoded or break the framing, the same in any pieces (${Way})`
  | `any lines become bytes, or are a mistake in one of them (${Way})`
  | "no lines are no bytes and no request"
  | "connections know nothing of each other";

export interface DialectSamples {
  readonly dialect: Dialect;
  readonly options?: DialectOptions;
  /** What stays the same from one side to the other: each byte, or the lines without their endings. */
  readonly keeps: "bytes" | "lines";
  readonly conversations: readonly Conversation[];
  readonly broken: readonly Broken[];
  /** Bytes and texts of lines to put hostile ones together of. */
  readonly pieces: Readonly<Record<Way, readonly string[]>> & {
    readonly lines: Readonly<Record<Way, readonly string[]>>;
  };
  /** Whether there are lines that are a mistake. */
  readonly hasMistakes: boolean;
  /** What may differ between two cuts of the same hostile bytes is left out; say why. */
  readonly blur?: (findings: readonly Finding[]) => readonly Finding[];
  /** Tests that the dialect does not pass, with the reason. */
  readonly deviations?: Partial<Record<Contract, string>>;
}
