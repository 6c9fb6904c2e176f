/**
 * What both directions of a connection to Redis share: which commands await replies, and which of them a value from the
 * server answers. Redis answers in the order it was asked; between the answers come messages that nobody asked for:
 * pushes, what is published to a subscriber, what a monitor reports.
 */
import type { Request } from "../codec.ts";
import { type Command, messageWord, SUBSCRIBING } from "./commands.ts";
import { isAggregate, type RespValue } from "./value.ts";

const PUBLISHED = /^[ps]?message$/;
/** A command that a monitor reports: when, on which database and by whom. */
const MONITORED = /^\d+\.\d+ \[/;

/** What a value from the server is to the connection. */
export interface Answer {
  /** The command that it answers; undefined: none, or it is one of several messages that do. */
  readonly command: Command | undefined;
  /** Of EXEC: the commands that its elements answer. */
  readonly queued: readonly Command[];
  /** Whether the server closes the connection after it. */
  readonly isLast: boolean;
}

const UNASKED: Answer = { command: undefined, queued: [], isLast: false };

export class RedisState {
  /** Commands that await replies, the oldest first. */
  #open: Command[] = [];
  /** Those that were queued since MULTI. */
  #queued: Command[] = [];
  /** What is subscribed to: the kind (`p`, `s` or none), a space, the name. */
  readonly #subscriptions = new Set<string>();
  #monitors = false;
  /** Something came that nobody asked for: more may come at any time. */
  #isSpokenTo = false;
  /** After a command that is not answered once, replies are taken in the order they come in. */
  #isInOrder = false;
  /** What CLIENT REPLY said last. */
  #replies: "on" | "off" | "skip" = "on";
  #nextId = 0;
  version: 2 | 3 = 2;

  /** Unknown where messages come that nobody asks for. */
  get owed(): number | undefined {
    if (this.#monitors || this.#isSpokenTo || this.#subscriptions.size > 0) return undefined;
    return this.#open.length;
  }

  /** How many commands await replies. */
  get open(): number {
    return this.#open.length;
  }

  /**
   * The command that the next reply answers, where nobody else is heard and its reply changes nothing here; undefined where
   * there is none, or more is to be thought of.
   * @param isFollowed whether it may have others after it.
   */
  due(isFollowed: boolean): Command | undefined {
    const command = this.#open[0];
    if (command === undefined || (this.#open.length > 1 && !isFollowed) || command.id === undefined) return undefined;
    if (command.isRaw || command.pairs !== "" || !command.isOrdinary) return undefined;
    return this.owed === undefined ? undefined : command;
  }

  /** The reply to {@link due} has come; further commands may have been sent meanwhile. */
  took(): void {
    this.#open.shift();
  }

  /** The command that a reply answers: the open one of this number, else the oldest one. */
  next(id?: number): Command | undefined {
    return (id === undefined ? undefined : this.#open.find((command) => command.id === id)) ?? this.#open[0];
  }

  /** A command goes to the server. The request that it is; undefined where its replies are taken in order, or none comes. */
  ask({ name, isRaw, pairs, isOrdinary, isInOrder, left, version }: Command): Request | undefined {
    this.#isInOrder ||= isInOrder;
    if (this.#isSilent(name)) return undefined;
    const id = this.#isInOrder ? undefined : this.#nextId++;
    this.#open.push({ name, isRaw, pairs, isOrdinary, isInOrder, left, version, id });
    if (id === undefined) return undefined;
    return { id, isIdempotent: false };
  }

  /** Whether nothing answers a command, as CLIENT REPLY has it. */
  #isSilent(name: string): boolean {
    const before = this.#replies;
    if (name === "CLIENT REPLY ON") this.#replies = "on";
    else if (name === "CLIENT REPLY OFF") this.#replies = "off";
    else if (name === "CLIENT REPLY SKIP" && before !== "off") this.#replies = "skip";
    else if (before === "skip") this.#replies = "on";
    return name !== "CLIENT REPLY ON" && (before !== "on" || this.#replies !== "on");
  }

  /** A value comes from the server. @param id the number of the request that it answers; undefined: the oldest open one. */
  answer(value: RespValue, id?: number): Answer {
    const command = this.next(id);
    if (value.kind === "push") return this.#push(value, command);
    if (this.#isUnasked(value)) return UNASKED;
    if (!command) {
      this.#isSpokenTo = true;
      return UNASKED;
    }
    if (this.#isAnswered(command, value)) this.#close(command);
    return this.#note(command, value);
  }

  /** Whether an array comes as a push in the third version of the protocol: a message whose first element names it. */
  isPush(value: RespValue, command: Command | undefined): boolean {
    const word = this.version === 3 && value.kind === "array" ? messageWord(value) : "";
    if (word === "") return false;
    return (
      command === undefined ||
      isConfirmation(word, command) ||
      this.#isUnasked(value) ||
      (this.#isSpokenTo && word === "invalidate")
    );
  }

  #push(push: RespValue, command: Command | undefined): Answer {
    const word = messageWord(push);
    if (!command || !isConfirmation(word, command)) this.#isSpokenTo = true;
    else if (this.#isAnswered(command, push)) this.#close(command);
    this.#noteSubscription(word, push);
    return UNASKED;
  }

  #close(command: Command): void {
    if (this.#open[0] === command) this.#open.shift();
    else this.#open.splice(this.#open.indexOf(command), 1);
  }

  /** Whether a value is a message to a subscriber or a monitor, not a reply. */
  #isUnasked(value: RespValue): boolean {
    if (isAggregate(value)) return this.#subscriptions.size > 0 && PUBLISHED.test(messageWord(value));
    return this.#monitors && value.kind === "simple" && MONITORED.test(value.text);
  }

  /** Whether nothing further is owed to a command. (UN)SUBSCRIBE is answered once for each channel. */
  #isAnswered(command: Command, value: RespValue): boolean {
    if (!SUBSCRIBING.test(command.name) || !isAggregate(value)) return true;
    command.left ??= Math.max(1, this.#countSubscriptions(kindOf(command.name)));
    command.left--;
    return command.left === 0;
  }

  #countSubscriptions(kind: string): number {
    let count = 0;
    for (const subscription of this.#subscriptions) if (subscription.startsWith(`${kind} `)) count++;
    return count;
  }

  /** What a reply changes for those that follow. */
  #note(command: Command, value: RespValue): Answer {
    const { name, version } = command;
    const answer = { command, queued: [], isLast: false };
    const text = isAggregate(value) || value.kind !== "simple" ? "" : value.text;
    if (text === "QUEUED") this.#queued.push(command);
    else if (SUBSCRIBING.test(name)) this.#noteSubscription(messageWord(value), value);
    else if (name === "MULTI" || name === "DISCARD") this.#queued = [];
    else if (name === "EXEC") {
      const queued = this.#queued;
      this.#queued = [];
      return { ...answer, queued };
    } else if (name === "HELLO" && value.kind !== "error") this.version = version ?? this.version;
    else if (name === "CLIENT TRACKING ON" && text === "OK") this.#isSpokenTo = true;
    else if (name === "MONITOR" && text === "OK") this.#monitors = true;
    else if (name === "QUIT" && text === "OK") {
      this.#open = [];
      return { ...answer, isLast: true };
    } else if (name === "RESET" && text === "RESET") this.#reset();
    return answer;
  }

  #reset(): void {
    this.#queued = [];
    this.#subscriptions.clear();
    this.#monitors = false;
    this.#isSpokenTo = false;
    this.#isInOrder = this.#open.some(({ id }) => id === undefined);
    this.version = 2;
  }

  #noteSubscription(word: string, value: RespValue): void {
    if (!isAggregate(value) || !SUBSCRIBING.test(word.toUpperCase())) return;
    const [, channel] = value.elements;
    if (!channel || isAggregate(channel) || channel.kind !== "string") return;
    const subscription = `${kindOf(word)} ${channel.text}`;
    if (word.includes("unsubscribe")) this.#subscriptions.delete(subscription);
    else this.#subscriptions.add(subscription);
  }
}

/** Whether a message of this word is one of those that answer a command: `subscribe` for SUBSCRIBE. */
const isConfirmation = (word: string, { name }: Command): boolean =>
  SUBSCRIBING.test(name) && word.toUpperCase() === name;

/** `p`, `s` or nothing: the kinds of channels are counted apart. */
const kindOf = (name: string): string => /^[ps]?(?=(?:un)?subscribe)/i.exec(name)![0].toLowerCase();
