/** Encodes what can be known with throw-away codecs, so that a dialect's mistakes show with their lines. */
import { WiredocError } from "../base/error.ts";
import type { Codec } from "../dialects/codec.ts";
import type { Dialect, ReplyCheck } from "../dialects/dialect.ts";
import { isLineError } from "../dialects/errors.ts";
import type { Part } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";
import { answerTo, type Move, type Say, sayFrom } from "./moves.ts";
import { type ExampleSettings, optionsOf } from "./settings.ts";
import { speak, writtenColumn } from "./speak.ts";
import { Variables } from "./variables.ts";

interface RehearsedConnection {
  readonly open: () => Codec;
  /** Undefined after a name that only the run binds: then it is unknown what was sent. */
  codec: Codec | undefined;
  readonly replies: ReplyCheck | undefined;
}

export class Rehearsal {
  readonly #file: string;
  readonly #written: ReadonlyMap<string, readonly Part[]>;
  readonly #report: (error: WiredocError) => void;
  /** By dialect and connection. */
  readonly #connections = new Map<string, RehearsedConnection>();

  constructor(file: string, written: ReadonlyMap<string, readonly Part[]>, report: (error: WiredocError) => void) {
    this.#file = file;
    this.#written = written;
    this.#report = report;
  }

  /** Goes through the moves of the document's next example; mistakes go to `report`. */
  play(moves: readonly Move[], dialect: Dialect, settings: ExampleSettings, host: string): void {
    for (const [key, { codec, replies }] of this.#connections)
      if (!codec && !replies?.isTunnel) this.#connections.delete(key);
    const variables = new Variables(this.#written);
    for (let at = 0; at < moves.length; at++) {
      const say = moves[at]!;
      if (say.kind !== "say" || say.by !== "client") continue;
      const connection = this.#connection(say.on, dialect, settings, host);
      if (connection.replies?.isTunnel) continue;
      const expects = answerTo(say, moves[at + 1])?.lines ?? [];
      this.#checkReply(connection, say, expects);
      if (!connection.codec) continue;
      variables.connection = say.on;
      const later = dialect.responses?.goesOn?.(expects)
        ? (sayFrom(moves, at + 1, "client", say.on)?.lines ?? [])
        : undefined;
      try {
        this.#encode(connection, connection.codec, say, later, settings, variables, dialect);
      } catch (error) {
        if (!isLineError(error)) throw error;
        for (const { line: mistaken, column, message } of [error, ...(error.further ?? [])]) {
          const pattern = say.lines.find((one) => one.line === mistaken.line);
          const place = pattern ? writtenColumn(pattern, column, variables) : mistaken.column;
          const span = { file: this.#file, line: mistaken.line, column: place };
          this.#report(new WiredocError("bad-request", message, span));
        }
      }
    }
  }

  #checkReply({ replies }: RehearsedConnection, { lines }: Say, expects: readonly LinePattern[]): void {
    for (const { pattern, message } of replies?.check(lines[0]!.source, expects) ?? []) {
      const { line, column } = pattern;
      this.#report(new WiredocError("bad-reply", message, { file: this.#file, line, column }));
    }
  }

  #connection(on: string, dialect: Dialect, settings: ExampleSettings, host: string): RehearsedConnection {
    const key = `${dialect.name} ${on}`;
    const known = this.#connections.get(key);
    if (known) return known;
    const { eol, limit } = settings;
    const open = (): Codec => dialect.createCodec({ eol, limit, host, options: optionsOf(dialect, settings) });
    const connection = { open, codec: open(), replies: dialect.responses?.createCheck?.() };
    this.#connections.set(key, connection);
    return connection;
  }

  #encode(
    connection: RehearsedConnection,
    codec: Codec,
    { lines, isKnown }: Say,
    later: readonly LinePattern[] | undefined,
    { eol }: ExampleSettings,
    variables: Variables,
    { isLineByLine = false }: Dialect,
  ): void {
    const said = isLineByLine && !isKnown ? lines.filter((one) => speak([one], eol, variables)) : lines;
    const spoken = speak(said, eol, variables);
    if (!spoken) {
      connection.codec = undefined;
      return;
    }
    const rest = later && (speak(later, eol, variables) ?? []);
    if (codec.requests.encode(spoken, rest).withheld === undefined) return;
    // What keeps it back is for the server to say; as a request of its own it has to be right.
    connection.codec = connection.open();
    connection.codec.requests.encode(spoken, rest);
  }
}
