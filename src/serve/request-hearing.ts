/** Listens for a request that any of several rules may take: the first one, in their order, that it matches. */
import { type ByteString, displayText } from "../base/bytes.ts";
import { matchInOrder } from "../match/in-order.ts";
import type { Captures, Matcher, Progress } from "../match/matcher.ts";
import type { Scope } from "../match/variables.ts";
import { optionsOf } from "../plan/settings.ts";
import { type Arrival, messageOf } from "../play/arrivals.ts";
import type { Conversation } from "../play/conversation.ts";
import { giveLeave } from "../play/leave.ts";
import type { Listener } from "../play/listener.ts";
import type { Rule } from "./rules.ts";

interface Candidate {
  readonly rule: Rule;
  readonly matcher: Matcher;
  readonly hearsBytes: boolean;
  progress: Progress;
  /** After how many arrivals it was done. */
  doneAt: number;
}

export type Heard =
  | { readonly kind: "request"; readonly rule: Rule; readonly captures: Captures }
  /** No rule takes it; `text` is how it begins. */
  | { readonly kind: "unknown"; readonly text: string }
  | { readonly kind: "end" };

export class RequestHearing implements Listener {
  readonly #conversation: Conversation;
  readonly #candidates: readonly Candidate[];
  readonly #settings: Rule["example"]["settings"];
  readonly #hearsBytes: boolean;
  /** What was taken so far. */
  readonly #taken: Arrival[] = [];
  /** The beginning of a line, for rules that compare lines. */
  #piece: ByteString = "";
  #gaveLeave = false;
  heard: Heard | undefined;

  constructor(conversation: Conversation, rules: readonly Rule[], settings: Rule["example"]["settings"], scope: Scope) {
    this.#conversation = conversation;
    this.#settings = settings;
    this.#candidates = rules.map((rule) => {
      const matcher = matcherOf(rule, conversation, scope);
      const hearsBytes = rule.request.lines.some(({ ending }) => ending === "none");
      return { rule, matcher, hearsBytes, progress: "more", doneAt: 0 };
    });
    this.#hearsBytes = this.#candidates.some(({ hearsBytes }) => hearsBytes);
  }

  start(): void {
    this.#conversation.listen(this, this.#settings.timeout, true);
    this.onActivity();
  }

  get hasEnded(): boolean {
    return this.heard !== undefined;
  }

  onActivity(): void {
    const { incoming } = this.#conversation;
    const { arrivals } = incoming;
    if (this.#hearsBytes) incoming.flush("bytes");
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      arrivals.take();
      this.#take(arrival);
      if (this.#decide(false)) return;
    }
    if (
      !this.#gaveLeave &&
      this.#candidates.some(({ progress, matcher }) => progress === "more" && matcher.awaitsLeave)
    ) {
      this.#gaveLeave = true;
      giveLeave(this.#conversation);
    }
    if (incoming.framingError || incoming.closed) this.#decide(true);
    else if (this.#taken.length > 0) this.#conversation.awaitSilence(this.#settings.settle);
  }

  onSilence(): void {
    // What comes before an earlier rule is complete may be all that the client says.
    const best = this.#candidates.find(({ progress }) => progress === "done" || progress === "open");
    if (best) this.#choose(best);
  }

  onDeadline(): void {
    this.#conversation.incoming.flush("silence");
    const { arrivals } = this.#conversation.incoming;
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      arrivals.take();
      this.#take(arrival);
    }
    this.#decide(true);
  }

  #take(arrival: Arrival): void {
    const { line, part, last } = arrival;
    this.#taken.push(arrival);
    const whole = line === undefined || line.endsWith("\n") ? this.#piece + (line ?? "") : undefined;
    this.#piece = whole === undefined ? this.#piece + line! : "";
    for (const one of this.#candidates) {
      if (one.progress === "failed" || one.progress === "done") continue;
      const text = one.hearsBytes ? line : line === undefined ? undefined : (whole ?? (last ? line : undefined));
      if (text !== undefined) one.progress = one.matcher.feed(text, part);
      if (last && one.progress !== "failed" && one.progress !== "done") one.progress = one.matcher.endMessage();
      one.doneAt = this.#taken.length;
    }
  }

  /** @param isLast nothing more comes. */
  #decide(isLast: boolean): boolean {
    if (isLast) {
      for (const one of this.#candidates) if (one.progress === "open") one.progress = "done";
      if (this.#taken.length === 0) return this.#end({ kind: "end" });
    }
    const best = this.#candidates.find(({ progress }) => progress === "done" || (!isLast && progress !== "failed"));
    if (best?.progress === "done") return this.#choose(best);
    if (best) return false;
    return this.#refuse(isLast);
  }

  #choose({ rule, matcher, doneAt }: Candidate): true {
    const after = this.#taken.slice(doneAt).map(messageOf);
    const { rest } = matcher;
    this.#conversation.incoming.arrivals.putBack(
      rest === "" ? after : [{ lines: [rest], part: "", to: undefined, ends: undefined }, ...after],
    );
    return this.#end({ kind: "request", rule, captures: matcher.captures() });
  }

  /** Gives up one message, or one line where there are no messages. */
  #refuse(isLast: boolean): boolean {
    const [first] = this.#taken;
    const isFramed = first?.part !== "" || first?.of.ends !== undefined;
    // The rest of a message that nobody knows is not the next one.
    if (isFramed && !isLast && !this.#taken.at(-1)!.last) return false;
    if (!isFramed) this.#conversation.incoming.arrivals.putBack(this.#taken.slice(1).map(messageOf));
    return this.#end({ kind: "unknown", text: displayText((first?.line ?? "").trimEnd().slice(0, MOST_SHOWN)) });
  }

  #end(heard: Heard): true {
    this.heard = heard;
    this.#conversation.rest();
    return true;
  }
}

const MOST_SHOWN = 200;

function matcherOf({ request, example }: Rule, { reading }: Conversation, scope: Scope): Matcher {
  const { dialect, settings } = example;
  const { eol } = settings;
  const context = { eol, unordered: false, options: optionsOf(dialect, settings), isAnswer: false };
  return (
    reading?.matcher?.(request.lines, scope, context) ??
    matchInOrder(request.lines, scope, { eol, endingOptional: false })
  );
}
