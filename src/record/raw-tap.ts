/** A connection without framing: lines, or bytes where the first ones are no text. */
import { type ByteString, fromBytes } from "../base/bytes.ts";
import type { Party } from "../plan/moves.ts";
import { PostgresRows } from "./postgres.ts";
import type { Actor, Scene, WordedReply } from "./scene.ts";
import { type Listener, LONG, type Tap } from "./tap.ts";
import { isText, type Wording } from "./wording.ts";

/** A chunk of this size or more has probably been cut by the system, and not by who sent it. */
const FULL_CHUNK = 65_536;
/** A line that is no text is written as bytes where so much of it is none. */
const MOSTLY = 0.25;

const CHALLENGED =
  "the server asks for a password with a challenge that is different each time, so the document cannot pass: let the server trust this client (pg_hba.conf), and record again";

const TURNS_TO_TLS =
  "a client turns to TLS: what it says from there on is not recorded; let it speak plainly, or answer it with --tls-cert and --tls-key";

/** A handshake of TLS (RFC 8446, section 5.1). */
const isTls = (bytes: ByteString): boolean => /^\x16\x03[\0-\x04]/.test(bytes);

const other = (by: Party): Party => (by === "client" ? "server" : "client");

export class RawTap implements Tap {
  readonly #scene: Scene;
  readonly #actor: Actor;
  readonly #wording: Wording;
  readonly #listener: Listener;
  #heard = false;
  #isDeaf = false;
  #isBytes: boolean | undefined;
  #postgres: PostgresRows | undefined;
  /** What has come of a line and has no end. */
  readonly #partial: Record<Party, ByteString> = { client: "", server: "" };
  #isCut = false;
  /** Client lines that are told with their reply, or when somebody else speaks. */
  #held: WordedReply[] = [];
  /** When the first of them was said. */
  #heldSince = 0;
  #askedAt = Number.POSITIVE_INFINITY;
  readonly #ended: Record<Party, boolean> = { client: false, server: false };
  #isHalfClosed = false;

  constructor(scene: Scene, actor: Actor, wording: Wording, listener: Listener) {
    this.#scene = scene;
    this.#actor = actor;
    this.#wording = wording;
    this.#listener = listener;
    if (wording.isHex) this.#isBytes = true;
  }

  bytes(by: Party, chunk: Uint8Array, now: number): void {
    const bytes = fromBytes(chunk);
    if (this.#isDeaf) return;
    if (by === "client" && this.#partial.client === "" && isTls(bytes)) return this.#stopListening();
    if (!this.#heard) this.#begin(by, bytes);
    if (by === "client" && this.#held.length === 0 && this.#partial.client === "") this.#heldSince = now;
    if (by === "client") this.#askedAt = now;
    else if (now - this.#askedAt > LONG) this.#listener.answersLate(this);
    if (!this.#isCut) this.#flush(other(by));
    if (by === "server") this.#isCut = chunk.length >= FULL_CHUNK;
    if (this.#isBytes) this.#say(by, this.#rows(by, bytes));
    else {
      const end = bytes.lastIndexOf("\n") + 1;
      const lines = end === 0 ? "" : this.#partial[by] + bytes.slice(0, end);
      this.#partial[by] = end === 0 ? this.#partial[by] + bytes : bytes.slice(end);
      this.#say(by, this.#lines(by, lines));
    }
    if (by === "client") this.#listener.speaks(this, now);
  }

  /** The first line tells. */
  #begin(by: Party, bytes: ByteString): void {
    this.#heard = true;
    this.#isBytes ??= this.#looksBinary(bytes);
    if (this.#isBytes && by === "client")
      this.#postgres = PostgresRows.of(bytes, this.#wording, (text) => this.#scene.openTimes(text));
  }

  #looksBinary(bytes: ByteString): boolean {
    const isBinary = !isText(/^[^\n]*\n?/.exec(bytes)![0]);
    this.#wording.isHex ??= isBinary;
    return isBinary || this.#wording.isHex;
  }

  #stopListening(): void {
    this.stopped();
    this.#isDeaf = true;
    this.#listener.warn(TURNS_TO_TLS);
  }

  #rows(by: Party, bytes: ByteString): readonly WordedReply[] {
    const rows = this.#postgres?.rows(by, bytes) ?? this.#wording.bytes(bytes);
    if (this.#postgres?.isChallenged) this.#listener.warn(CHALLENGED);
    return rows.map((row) => ({ ...row, isBytes: true }));
  }

  #lines(by: Party, text: ByteString): readonly WordedReply[] {
    const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
    return lines.flatMap((line): readonly WordedReply[] => {
      const strange = isText(line) ? 0 : (line.match(/[^\t\n\r -~]/g)?.length ?? 0);
      if (strange > line.length * MOSTLY) return this.#wording.bytes(line).map((row) => ({ ...row, isBytes: true }));
      return [by === "client" ? this.#wording.client(line) : this.#wording.reply(line)];
    });
  }

  #say(by: Party, lines: readonly WordedReply[]): void {
    if (lines.length === 0) return;
    if (by === "client") {
      for (const line of lines) this.#held.push(line);
      return;
    }
    this.#release();
    if (this.#ended.client && !this.#isHalfClosed) {
      this.#scene.control(this.#actor, "half-close");
      this.#isHalfClosed = true;
    }
    this.#scene.reply(this.#actor, lines, this.#wording.suffix);
  }

  #release(): void {
    if (this.#held.length === 0) return;
    this.#listener.tells(this, this.#heldSince);
    this.#scene.send(this.#actor, this.#held);
    this.#held = [];
  }

  /** Hands over what has begun and has no end. */
  #flush(by: Party): void {
    const rest = this.#partial[by];
    this.#partial[by] = "";
    if (rest !== "") this.#say(by, this.#lines(by, rest));
    if (this.#postgres)
      this.#say(
        by,
        this.#postgres.flush(by).map((row) => ({ ...row, isBytes: true })),
      );
  }

  /** What has waited long may be what the other one answers. */
  othersSpeak(now: number): void {
    if (now - this.#heldSince > LONG) this.#releaseAll();
  }

  /** It was said before: only what is answered first may be told first. */
  othersTold(since: number): void {
    if (this.#heldSince < since) this.#releaseAll();
  }

  othersAnswered(): void {
    this.#releaseAll();
  }

  #releaseAll(): void {
    this.#flush("client");
    this.#release();
  }

  control(text: string): void {
    this.stopped();
    if (text === "half-close") {
      this.#ended.client = true;
      this.#isHalfClosed = true;
    }
    this.#scene.act(this.#actor, text);
  }

  stopped(): void {
    this.#flush("client");
    this.#flush("server");
    this.#release();
  }

  ended(by: Party): void {
    if (this.#ended[by]) return;
    this.#flush("client");
    this.#flush("server");
    this.#ended[by] = true;
    if (!this.#ended[other(by)]) return;
    this.#release();
    // Who ended first hung up; where the client said before that it sends no more, the server did.
    const isServers = by === "client" || this.#isHalfClosed;
    this.#scene.leave(this.#actor, isServers ? "closed" : "close");
  }
}
