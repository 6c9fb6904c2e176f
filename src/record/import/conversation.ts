/** What another program recorded: conversations between a client and a server, step by step. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";

export interface Step {
  readonly by: Party;
  /** What the party says. Undefined: it says no more. */
  readonly bytes: ByteString | undefined;
  /** In milliseconds, on one clock for all conversations of a recording. */
  readonly at: number;
  /** An HTTP response whose body was not recorded: `bytes` is its head, with a body of no bytes. */
  readonly isHeadOnly?: boolean;
}

/** One connection. */
export interface Conversation {
  /** The URL of the server, where the recording has it. Its scheme is `tcp` where only the bytes tell the protocol. */
  readonly target: string | undefined;
  readonly steps: readonly Step[];
}

export interface Recording {
  readonly conversations: readonly Conversation[];
  /** What is in the file and not in the conversations, in sentences. */
  readonly warnings: readonly string[];
}

/** A text that a program recorded. */
export interface Source {
  /** As messages name it. */
  readonly file: string;
  readonly text: ByteString;
}

/** `host:port` of a URL; an IPv6 address gets its brackets. */
export const authorityOf = (host: string, port: number | string): string =>
  `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
