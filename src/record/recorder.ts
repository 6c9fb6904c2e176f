/** Listens to both sides of connections, and tells what they say as a document that grows. */
import type { DialectOptions, Eol } from "../base/settings.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Party } from "../plan/moves.ts";
import { HttpPortrait } from "./http-portrait.ts";
import { MessageTap } from "./message-tap.ts";
import type { Page } from "./page.ts";
import { PlainPortrait } from "./portrait.ts";
import { RawTap } from "./raw-tap.ts";
import { Actor, Scene } from "./scene.ts";
import type { Listener, Tap } from "./tap.ts";
import { Wording } from "./wording.ts";

export interface RecorderOptions {
  readonly dialect: Dialect;
  /** Where settings say how lines end; undefined: the first line that comes does. */
  readonly eol: Eol | undefined;
  /** The largest message in bytes. */
  readonly limit: number;
  /** What an HTTP request names in `Host`. */
  readonly host: string;
  readonly options: DialectOptions;
  readonly page: Page;
  readonly wording: Wording;
  /** Told once of each thing that cannot be recorded. */
  warn(message: string): void;
}

/** How the lines of a dialect are worded. `isByScheme`: nobody named the dialect, so that bytes may make it hex. */
export const wordingOf = (dialect: Dialect, eol: Eol | undefined, isByScheme: boolean): Wording => {
  const isHex = dialect.name === "hex" ? true : dialect.name === "line" && isByScheme ? undefined : false;
  return new Wording(eol, isHex, dialect.responses?.freeEndings === true);
};

/** One connection. */
export interface Recording {
  bytes(by: Party, chunk: Uint8Array, now: number): void;
  /** One party says no more; the connection is over when both have ended. */
  ended(by: Party, now: number): void;
}

export class Recorder implements Listener {
  readonly #options: RecorderOptions;
  readonly #scene: Scene;
  readonly #taps = new Set<Tap>();
  readonly #warned = new Set<string>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#scene = new Scene(options.page);
  }

  /** A connection was opened. @param name the one that the document gives it; undefined: it is called by its number, if at all. */
  connect(name?: string): Recording {
    const tap = this.#tapOf(new Actor(name));
    this.#taps.add(tap);
    let open = 2;
    return {
      bytes: (by, chunk, now) => {
        tap.bytes(by, chunk, now);
        this.#scene.flush();
      },
      ended: (by, now) => {
        tap.ended(by, now);
        if (--open === 0) this.#taps.delete(tap);
        this.#scene.flush();
      },
    };
  }

  #tapOf(actor: Actor): Tap {
    const { dialect, wording, eol, limit, host, options } = this.#options;
    const raw = (): RawTap => new RawTap(this.#scene, actor, wording, this);
    if (dialect.name === "line" || dialect.name === "hex") return raw();
    const codec = dialect.createCodec({ eol: eol ?? "crlf", limit, host, options });
    const portrait = dialect.name === "http" ? new HttpPortrait(wording, host) : new PlainPortrait(wording);
    return new MessageTap(this.#scene, actor, { codec, portrait, raw, tellsCloses: !dialect.reopens }, this);
  }

  speaks(tap: Tap, now: number): void {
    for (const one of this.#taps) if (one !== tap) one.othersSpeak(now);
  }

  warn(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.warn(message);
  }
}
