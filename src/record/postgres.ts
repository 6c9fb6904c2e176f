/** The messages of PostgreSQL's protocol, a row of bytes each (its manual, chapter 55). */
import type { ByteString } from "../base/bytes.ts";
import { writeDump } from "../base/dump.ts";
import type { Party } from "../plan/moves.ts";
import { rowsOf, wordAt } from "./postgres-rows.ts";
import type { Worded, Wording } from "./wording.ts";

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const ENCRYPTION = [SSL_REQUEST, GSS_REQUEST];
const CANCEL_REQUEST = 80877102;
const VERSION_3 = 3 << 16;
/** A message that is longer is written in several rows. */
const LONGEST_ROW = 96;
/** Requests for a password to which the right answer is another one each time: MD5 with a salt, and SASL. */
const CHALLENGES = [5, 10];

/** What a server answers that speaks neither TLS nor GSSAPI. */
export const NO_ENCRYPTION: Uint8Array = Buffer.from("N");

/** Whether a client's first bytes ask for TLS or GSSAPI. It then waits for the answer. */
export const asksForEncryption = (chunk: Uint8Array): boolean => {
  const words = Buffer.from(chunk);
  return words.length === 8 && words.readInt32BE(0) === 8 && ENCRYPTION.includes(words.readInt32BE(4));
};

export class PostgresRows {
  readonly #wording: Wording;
  /** Bytes of a message that is incomplete. */
  readonly #rest: Record<Party, ByteString> = { client: "", server: "" };
  /** Whether the client's next message has no type, and whether the server's is one byte that answers for encryption. */
  #isStarting = true;
  #awaitsByte = false;
  /** Whether the server asked for a password in a way that is different each time. */
  isChallenged = false;
  readonly #openTimes: (text: string) => string;

  private constructor(wording: Wording, openTimes: (text: string) => string) {
    this.#wording = wording;
    this.#openTimes = openTimes;
  }

  /** @returns undefined where a client's first bytes are not PostgreSQL's. */
  static of(bytes: ByteString, wording: Wording, openTimes: (text: string) => string): PostgresRows | undefined {
    const code = bytes.length >= 8 ? wordAt(bytes, 4) : 0;
    const isPostgres = [SSL_REQUEST, GSS_REQUEST, VERSION_3].includes(code) && wordAt(bytes, 0) <= 10_000;
    return isPostgres ? new PostgresRows(wording, openTimes) : undefined;
  }

  rows(by: Party, bytes: ByteString): readonly Worded[] {
    let rest = this.#rest[by] + bytes;
    const messages: ByteString[] = [];
    for (
      let length = this.#lengthOf(by, rest);
      length > 0 && length <= rest.length;
      length = this.#lengthOf(by, rest)
    ) {
      messages.push(rest.slice(0, length));
      this.#note(by, rest.slice(0, length));
      rest = rest.slice(length);
    }
    this.#rest[by] = rest;
    return messages.flatMap((message) => this.#rows(by, message));
  }

  flush(by: Party): readonly Worded[] {
    const rest = this.#rest[by];
    this.#rest[by] = "";
    return rest === "" ? [] : this.#wording.bytes(rest);
  }

  /** 0: not known yet. */
  #lengthOf(by: Party, bytes: ByteString): number {
    if (by === "server" && this.#awaitsByte) return bytes.length > 0 ? 1 : 0;
    const start = by === "client" && this.#isStarting ? 0 : 1;
    // A length that cannot be right: the rest is written as it is.
    return bytes.length < start + 4 ? 0 : start + Math.max(4, wordAt(bytes, start));
  }

  #note(by: Party, message: ByteString): void {
    if (by === "server") {
      this.#awaitsByte = false;
      if (message.startsWith("R") && CHALLENGES.includes(wordAt(message, 5))) this.isChallenged = true;
    } else if (this.#isStarting) {
      const code = wordAt(message, 4);
      this.#awaitsByte = code === SSL_REQUEST || code === GSS_REQUEST;
      this.#isStarting = this.#awaitsByte || code === CANCEL_REQUEST;
    }
  }

  #rows(by: Party, message: ByteString): readonly Worded[] {
    const { suffix } = this.#wording;
    const rows = by === "server" ? rowsOf(message, this.#openTimes) : undefined;
    if (!rows && message.length > LONGEST_ROW) return this.#wording.bytes(message);
    return (rows ?? [writeDump(message)]).map((row) => ({ text: row + suffix, marked: false }));
  }
}
