/**
 * Listens to both sides of connections, and tells what they say as a document that grows. Whoever hears connections feeds it
 * (a proxy, a session at a terminal, what another program recorded):
 *
 *     const recorder = new Recorder(await settingOf(…), sink, warn);
 *     const connection = recorder.connect();          // or connect("name")
 *     connection.bytes("client", chunk, now);         // in the order it was heard, over all connections
 *     connection.bytes("server", chunk, now);
 *     connection.ended("client", now);                // once for each party
 *     connection.ended("server", now);
 *     recorder.end(now);                              // ends what is still open; the document is complete
 *
 * After each call the sink holds a whole document. A document has one target: who hears several servers makes a recorder,
 * and a document, for each. A `DocumentFile` is a sink that writes a file, a `DocumentText` one that keeps the text.
 */
import type { Codec } from "../dialects/codec.ts";
import type { Party } from "../plan/moves.ts";
import { headOf } from "./head.ts";
import { HttpPortrait } from "./http-portrait.ts";
import { MessageTap } from "./message-tap.ts";
import { Page, type Sink } from "./page.ts";
import { PlainPortrait, type Portrait } from "./portrait.ts";
import { RawTap } from "./raw-tap.ts";
import { RedisPortrait } from "./redis-portrait.ts";
import { Actor, Scene } from "./scene.ts";
import type { Setting } from "./setting.ts";
import type { Listener, Tap } from "./tap.ts";
import { Wording } from "./wording.ts";

/** One connection. */
export interface RecordedConnection {
  /** `now` is in milliseconds of a clock that only goes forward, the same for all connections. */
  bytes(by: Party, chunk: Uint8Array, now: number): void;
  /** A whole message of the server whose body is not known: it stands there as one without a body, and is not compared. */
  withoutBody(message: Uint8Array, now: number): void;
  /** The client acts, or the server closes: `=== ` and this text stands in the document. */
  control(text: string, now: number): void;
  /** One party says no more; the connection is over when both have ended. May be called twice. */
  ended(by: Party, now: number): void;
}

export class Recorder implements Listener {
  readonly #setting: Setting;
  readonly #page: Page;
  readonly #scene: Scene;
  readonly #wording: Wording;
  readonly #taps = new Set<Tap>();
  readonly #aliases: string[] = [];
  readonly #warned = new Set<string>();
  readonly #warn: (message: string) => void;

  /**
   * @param warn told once of each thing that cannot be recorded.
   * @param present the time of the recording, in milliseconds since 1970.
   */
  constructor(setting: Setting, sink: Sink, warn: (message: string) => void, present: () => number = Date.now) {
    this.#setting = setting;
    this.#wording = wordingOf(setting);
    this.#page = new Page(() => headOf(setting, this.#wording), sink);
    this.#scene = new Scene(this.#page, present);
    this.#warn = warn;
  }

  /** Clients reach the server under this address, as well: it stands for the server's own in the document. */
  alias(address: string): void {
    this.#aliases.push(address);
  }

  /** A connection was opened. @param name the one that the document gives it; undefined: it is called by its number, if at all. */
  connect(name?: string): RecordedConnection {
    const tap = this.#tapOf(new Actor(name));
    this.#taps.add(tap);
    const open = new Set<Party>(["client", "server"]);
    return {
      bytes: (by, chunk, now) => {
        if (!open.has(by)) return;
        tap.bytes(by, chunk, now);
        this.#page.flush();
      },
      withoutBody: (message, now) => {
        tap.bytes("server", message, now, true);
        this.#page.flush();
      },
      control: (text, now) => {
        tap.control(text, now);
        if (/^(?:close|closed|reset)$/.test(text)) {
          open.clear();
          this.#taps.delete(tap);
        }
        this.#page.flush();
      },
      ended: (by, now) => {
        if (!open.delete(by)) return;
        tap.ended(by, now);
        if (open.size === 0) this.#taps.delete(tap);
        this.#page.flush();
      },
    };
  }

  /** Nothing more will be heard: connections that are still open are told as far as they went. */
  end(now: number): void {
    for (const tap of this.#taps) tap.stopped(now);
    this.#taps.clear();
    this.#page.end();
  }

  #tapOf(actor: Actor): Tap {
    const { dialect, eol, limit, host, options } = this.#setting;
    const wording = this.#wording;
    const raw = (): RawTap => new RawTap(this.#scene, actor, wording, this);
    if (dialect.name === "line" || dialect.name === "hex") return raw();
    const createCodec = (): Codec => dialect.createCodec({ eol: eol ?? "crlf", limit, host, options });
    const portrait = (): Portrait => {
      if (dialect.name === "http") return new HttpPortrait(wording, host, this.#aliases);
      return dialect.name === "redis" ? new RedisPortrait(wording) : new PlainPortrait(wording);
    };
    return new MessageTap(
      this.#scene,
      actor,
      { createCodec, portrait: portrait(), raw, tellsCloses: !dialect.reopens },
      this,
    );
  }

  speaks(tap: Tap, now: number): void {
    for (const one of this.#taps) if (one !== tap) one.othersSpeak(now);
  }

  tells(tap: Tap, since: number): void {
    for (const one of this.#taps) if (one !== tap) one.othersTold(since);
  }

  answersLate(tap: Tap): void {
    for (const one of this.#taps) if (one !== tap) one.othersAnswered();
  }

  warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#warn(message);
  }
}

/** How the lines of a dialect are worded. Where nobody named the dialect, bytes may make it hex. */
function wordingOf({ dialect, eol, isByScheme }: Setting): Wording {
  const isHex = dialect.name === "hex" ? true : dialect.name === "line" && isByScheme ? undefined : false;
  return new Wording(eol, isHex, dialect.responses?.freeEndings === true);
}
