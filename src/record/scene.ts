/**
 * The order in which a document tells what several connections said. An example lasts as long as one of its connections is
 * open, so that those that overlap are told together, and those that follow each other have examples of their own.
 */
import { Captures } from "./captures.ts";
import type { Member, RecordedLine } from "./lines.ts";
import { openMoments } from "./moments.ts";
import type { Page } from "./page.ts";
import type { Worded } from "./wording.ts";

/** A longer reply is cut short with `...`, in characters of the document; then so many lines of what comes at once stay. */
const LONGEST_REPLY = 64 * 1024;
const SHOWN_OF_LONG = 20;

/** A cookie that a reply sets, and how its value is left open in the line. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly pattern: string;
}

export interface WordedReply extends Worded {
  readonly cookie?: Cookie | undefined;
  /** Whether it is a part of a run of bytes. */
  readonly isBytes?: boolean;
}

export class Actor implements Member {
  readonly given: string | undefined;
  /** Characters of the reply that is being told. */
  replied = 0;
  /** Whether its last lines are a request that the next reply would be taken for an answer to. */
  awaitsReply = false;

  constructor(given: string | undefined) {
    this.given = given;
  }
}

export class Scene {
  readonly #page: Page;
  readonly #captures = new Captures();
  /** The connections of the present example that are open. */
  readonly #open = new Set<Actor>();
  #last: Actor | undefined;

  readonly #present: () => number;

  /** @param present the time of the recording, in milliseconds since 1970. */
  constructor(page: Page, present: () => number) {
    this.#page = page;
    this.#present = present;
  }

  /** @param awaitsReply whether the dialect takes the next reply for the answer to these lines. */
  send(actor: Actor, lines: readonly Worded[], awaitsReply = false): void {
    if (lines.length === 0) return;
    this.#enter(actor, lines[0]!.text);
    // Right below a request without a reply these lines would belong to it.
    if (actor.awaitsReply && this.#last === actor) this.control(actor, "wait 1ms");
    this.#add(
      actor,
      lines.map(({ text, marked }) => ({ kind: "client", text, marked })),
    );
    actor.replied = 0;
    actor.awaitsReply = awaitsReply;
  }

  reply(actor: Actor, lines: readonly WordedReply[], suffix = ""): void {
    if (lines.length === 0) return;
    this.#enter(actor, "");
    const isTooLong = lines.reduce((sum, { text }) => sum + text.length + 1, actor.replied) > LONGEST_REPLY;
    for (const [i, { text, marked, cookie, isBytes }] of lines.entries()) {
      if (actor.replied > LONGEST_REPLY) break;
      actor.replied += text.length + 1;
      const isCut = isTooLong && (i >= SHOWN_OF_LONG || actor.replied > LONGEST_REPLY);
      if (isCut) actor.replied = Number.POSITIVE_INFINITY;
      const told = isBytes ? text : this.openTimes(text);
      const shown = isCut ? `...${isBytes ? suffix : ""}` : told;
      const [line] = this.#add(actor, [{ kind: "reply", text: shown, marked: !isCut && marked }]);
      if (cookie) this.#captures.setCookie(line!, cookie.name, cookie.value, cookie.pattern);
    }
    actor.awaitsReply = false;
  }

  /** A text of a server with placeholders for times of the present. */
  openTimes(text: string): string {
    return openMoments(text, this.#present());
  }

  /** What a connection does besides saying something, and whether it is over then. */
  act(actor: Actor, text: string): void {
    const ends = /^(?:close|closed|reset)$/.test(text);
    if (!ends) this.#enter(actor, "");
    this.control(actor, text);
    if (ends) this.#open.delete(actor);
  }

  control(actor: Actor, text: string): void {
    if (this.#open.has(actor)) this.#add(actor, [{ kind: "control", text, marked: false }]);
  }

  /** The connection has ended; `control` is what the document says of it where others go on. */
  leave(actor: Actor, control: string | undefined): void {
    if (!this.#open.has(actor)) return;
    if (control !== undefined && (control !== "close" || this.#open.size > 1)) this.control(actor, control);
    this.#open.delete(actor);
  }

  #enter(actor: Actor, firstLine: string): void {
    if (this.#open.has(actor)) return;
    if (this.#open.size === 0) this.#page.begin(titleOf(firstLine));
    this.#open.add(actor);
  }

  #add(actor: Actor, lines: readonly Omit<RecordedLine, "on">[]): readonly RecordedLine[] {
    const added = lines.map((line) => ({ ...line, on: actor }));
    for (const line of added) if (this.#captures.read(line)) this.#page.change();
    this.#page.add(added);
    this.#last = actor;
    return added;
  }
}

/** A heading that cannot be anything else in Markdown. */
function titleOf(firstLine: string): string {
  const [, text] = /^([A-Za-z][\w ./:?=,+-]{0,59})(?:$| HTTP\/)/.exec(firstLine.replace(/ HTTP\/1\.[01]$/, "")) ?? [];
  return text === undefined || / $/.test(text) ? "A conversation" : text;
}
