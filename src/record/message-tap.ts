/**
 * A connection in a dialect with messages. A request is told together with its reply. Where another connection speaks in
 * between, both were under way at once: what is answered first was done first. Only a request that has waited longer is told
 * before: it may be the other one that its reply waits for.
 */
import type { Codec, Decoded, Direction } from "../dialects/codec.ts";
import { isFramingError } from "../dialects/errors.ts";
import type { Party } from "../plan/moves.ts";
import type { Portrait } from "./portrait.ts";
import type { RawTap } from "./raw-tap.ts";
import type { Actor, Scene } from "./scene.ts";
import { type Listener, LONG, type Tap } from "./tap.ts";
import type { Worded } from "./wording.ts";

const NOTHING = new Uint8Array(0);

interface Held {
  readonly id: number | undefined;
  readonly lines: readonly Worded[];
  readonly since: number;
}

export interface MessageTapParts {
  createCodec(): Codec;
  readonly portrait: Portrait;
  /** Takes over where another protocol follows. */
  raw(): RawTap;
  /** Whether closes are told: in a dialect that opens a new connection by itself they mean nothing. */
  readonly tellsCloses: boolean;
}

export class MessageTap implements Tap {
  readonly #scene: Scene;
  readonly #actor: Actor;
  readonly #parts: MessageTapParts;
  readonly #listener: Listener;
  #codec: Codec;
  /** Requests that are not told yet. */
  #held: Held[] = [];
  /** Parts of the message under way. */
  readonly #begun: Record<Party, Decoded[]> = { client: [], server: [] };
  /** Whether parts of the present response were told. */
  #isToldInParts = false;
  /** Whether the body of the present response is not known. */
  #lacksBody = false;
  /** Replies that came before their request was complete: they are told after it. */
  #early: (readonly [heard: readonly Decoded[], last: Decoded])[] = [];
  #isBroken = false;
  #raw: RawTap | undefined;
  #firstEnded: Party | undefined;
  /** When the client last said something. */
  #askedAt = Number.POSITIVE_INFINITY;

  constructor(scene: Scene, actor: Actor, parts: MessageTapParts, listener: Listener) {
    this.#scene = scene;
    this.#actor = actor;
    this.#parts = parts;
    this.#codec = parts.createCodec();
    this.#listener = listener;
  }

  bytes(by: Party, chunk: Uint8Array, now: number, lacksBody = false): void {
    if (this.#raw) return this.#raw.bytes(by, chunk, now);
    if (this.#isBroken) return;
    this.#note(by, now);
    this.#lacksBody = lacksBody;
    this.#decode(by, (direction) => direction.decode(chunk), now);
    // A request may have waited for the response that tells what follows.
    if (by === "server" && this.#codec.requests.pending !== "nothing")
      this.#decode("client", (direction) => direction.decode(NOTHING), now);
  }

  /** Tells of what is late that others may have caused it. */
  #note(by: Party, now: number): void {
    if (by === "client") this.#askedAt = now;
    else if (now - this.#askedAt > LONG) this.#listener.answersLate(this);
  }

  #decode(by: Party, decode: (direction: Direction) => readonly Decoded[], now: number): void {
    const direction = by === "client" ? this.#codec.requests : this.#codec.responses;
    let messages: readonly Decoded[];
    let broken = "";
    try {
      messages = decode(direction);
    } catch (error) {
      if (!isFramingError(error)) throw error;
      messages = (error.messages ?? []).filter(({ ends }) => ends !== undefined);
      broken = error.message;
    }
    for (const message of messages) this.#take(by, message, now);
    const last = this.#begun[by].at(-1);
    if (by === "server" && direction.pending === "stream") this.#tellPart();
    // A dialect without messages hands over lines.
    else if (last && /^(?:nothing|line)$/.test(direction.pending)) this.#end(by, last, now);
    if (broken !== "") this.#break(by, broken);
  }

  #take(by: Party, message: Decoded, now: number): void {
    if (this.#raw) {
      this.#raw.bytes(by, Buffer.from(message.lines.join(""), "latin1"), now);
      return;
    }
    this.#begun[by].push(message);
    if (message.ends !== undefined) this.#end(by, message, now);
    if (message.ends === "protocol") this.#raw = this.#parts.raw();
  }

  /** The parts since the last message are one, or as much of one as there is. */
  #end(by: Party, last: Decoded, now: number): void {
    const heard = this.#begun[by];
    this.#begun[by] = [];
    if (by === "client") this.#ask(heard, last.request?.id, now);
    else this.#answer(heard, last);
  }

  #ask(heard: readonly Decoded[], id: number | undefined, now: number): void {
    const lines = this.#parts.portrait.request(heard);
    if (typeof lines === "string") return this.#break("client", lines);
    this.#held.push({ id, lines, since: now });
    this.#listener.speaks(this, now);
    for (const [reply, last] of this.#early.splice(0)) this.#answer(reply, last);
  }

  #answer(heard: readonly Decoded[], last: Decoded): void {
    if (this.#held.length === 0 && this.#begun.client.length > 0) {
      this.#early.push([heard, last]);
      return;
    }
    const { portrait } = this.#parts;
    const lines = this.#lacksBody ? portrait.head(heard) : portrait.response(heard, this.#isToldInParts);
    const isInterim = lines.length === 0 && heard.every(({ interim }) => interim);
    if (isInterim) return;
    this.#release(last.to);
    this.#isToldInParts = false;
    this.#scene.reply(this.#actor, lines);
  }

  /** What has come of a stream of events, which may never end. */
  #tellPart(): void {
    const heard = this.#begun.server;
    if (heard.length === 0) return;
    this.#begun.server = [];
    this.#release(heard[0]!.to);
    this.#scene.reply(this.#actor, this.#parts.portrait.response(heard, this.#isToldInParts));
    this.#isToldInParts = true;
  }

  /** Tells the request that is answered, and those before it that nothing answers. */
  #release(to: number | undefined): void {
    const at = to === undefined ? -1 : this.#held.findIndex(({ id }) => id === to);
    const isTold = (held: Held, i: number): boolean =>
      i === at || (held.id === undefined && (to === undefined || i < at));
    this.#tell(this.#held.filter(isTold));
    this.#held = this.#held.filter((held, i) => !isTold(held, i));
  }

  #tell(held: readonly Held[]): void {
    const lines = held.flatMap((one) => one.lines);
    this.#scene.send(
      this.#actor,
      lines,
      held.some(({ id }) => id !== undefined),
    );
  }

  othersSpeak(now: number): void {
    if (this.#raw) return this.#raw.othersSpeak(now);
    const isLate = ({ id, since }: Held): boolean => id === undefined || now - since > LONG;
    this.#tell(this.#held.filter(isLate));
    this.#held = this.#held.filter((held) => !isLate(held));
  }

  othersAnswered(): void {
    if (this.#raw) return this.#raw.othersAnswered();
    this.#tell(this.#held);
    this.#held = [];
  }

  othersTold(since: number): void {
    this.#raw?.othersTold(since);
  }

  #break(by: Party, why: string): void {
    this.#isBroken = true;
    const who = by === "client" ? "a client" : "the server";
    this.#listener.warn(`what ${who} says from here on is not recorded: ${why}`);
  }

  ended(by: Party, now: number): void {
    if (this.#raw) return this.#raw.ended(by);
    if (by === "server" && !this.#isBroken) this.#decode(by, (direction) => direction.flush("closed"), now);
    if (this.#firstEnded === undefined) {
      this.#firstEnded = by;
      return;
    }
    this.#leave(this.#firstEnded === "server" ? "closed" : "close");
  }

  control(text: string): void {
    if (this.#raw) return this.#raw.control(text);
    if (this.#isBroken) return;
    this.#tell(this.#held);
    this.#held = [];
    this.#scene.act(this.#actor, text);
    if (text === "starttls") this.#codec = this.#parts.createCodec();
  }

  stopped(): void {
    if (this.#raw) return this.#raw.stopped();
    if (this.#tellRest()) this.#scene.control(this.#actor, "close");
  }

  #leave(control: string): void {
    const isTold = this.#tellRest();
    if (isTold) this.#scene.control(this.#actor, control);
    this.#scene.leave(this.#actor, this.#parts.tellsCloses && !isTold ? control : undefined);
  }

  /** Tells what nobody has answered. @returns whether the document has to say how the connection ends: nothing else ends the wait. */
  #tellRest(): boolean {
    const held = this.#isBroken ? [] : this.#held;
    this.#held = [];
    this.#tell(held);
    return held.some(({ id }) => id !== undefined);
  }
}
