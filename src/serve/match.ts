/** A stub of a server: answers each request by the first exchange of a document that it matches, for ever. */
import { now } from "../base/clock.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import { isLineError } from "../dialects/errors.ts";
import { SampleError } from "../match/sample.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";
import { Variables } from "../plan/variables.ts";
import { Connections } from "../play/connections.ts";
import type { PlayContext } from "../play/context.ts";
import { Conversation } from "../play/conversation.ts";
import { Note } from "../play/note.ts";
import { Play } from "../play/play.ts";
import type { Opened } from "../play/port.ts";
import { Runner, type Script } from "../play/script.ts";
import type { ClientWire } from "./client-wire.ts";
import { Inventor } from "./invent.ts";
import type { Lobby } from "./lobby.ts";
import { servedExamples } from "./parts.ts";
import { type Heard, RequestHearing } from "./request-hearing.ts";
import { greetingOf, type Rule, rulesOf } from "./rules.ts";
import { smallTalkOf } from "./small-talk.ts";
import { codecOf, ServerStage } from "./stage.ts";

export interface MatchContext {
  readonly lobby: Lobby;
  readonly signal: AbortSignal;
  /** What was asked, and the document's line of the answer; undefined: there is none. */
  onRequest(text: string, line: number | undefined): void;
}

/** Serves a document until the signal. */
export async function serveMatches(document: PlannedDocument, context: MatchContext): Promise<void> {
  const { lobby, signal } = context;
  const examples = servedExamples(document);
  const first = examples.find(({ role, skip }) => role === "example" && skip === undefined)!;
  const smallTalk = (await smallTalkOf(first)).map((example) => ({ ...example, role: "example" as const }));
  const stub: Stub = {
    document,
    context,
    first,
    rules: [...rulesOf(examples, first.dialect), ...rulesOf(smallTalk, first.dialect)],
    greeting: greetingOf(examples),
    inventor: new Inventor(),
  };
  return new Promise((resolve, reject) => {
    lobby.onChange = () => {
      for (let wire = lobby.take(); wire; wire = lobby.take()) new Talk(stub, wire, reject).start();
    };
    lobby.onChange();
    const stop = (): void => {
      lobby.onChange = () => {};
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

interface Stub {
  readonly document: PlannedDocument;
  readonly context: MatchContext;
  /** Its settings hold where no exchange is chosen yet. */
  readonly first: PlannedExample;
  readonly rules: readonly Rule[];
  readonly greeting: PlannedExample | undefined;
  readonly inventor: Inventor;
}

/** One connection. */
class Talk {
  readonly #stub: Stub;
  readonly #wire: ClientWire;
  readonly #onError: (error: unknown) => void;
  readonly #runner = new Runner();
  readonly #variables: Variables;
  /** In a request a name stands for any text, unless it is a variable. */
  readonly #open: Variables;
  readonly #stage: ServerStage;
  readonly #connections: Connections;
  readonly #conversation: Conversation;

  constructor(stub: Stub, wire: ClientWire, onError: (error: unknown) => void) {
    this.#stub = stub;
    this.#wire = wire;
    this.#onError = onError;
    const { document, context, first } = stub;
    this.#variables = new Variables(document.variables);
    this.#open = new Variables(document.variables);
    const [role, runner, variables] = ["server" as const, this.#runner, this.#variables];
    this.#stage = new ServerStage(runner, context.signal, () => ({ value: { refused: "there is one connection" } }));
    this.#connections = new Connections({
      role,
      runner,
      host: this.#stage,
      variables,
      documentPlace: document.place,
      playOpening() {
        throw new Error("an opening is said as a greeting here");
      },
    });
    const codec = codecOf(first, first.dialect);
    const opened: Opened = { scheme: "", codec, attach: (inputs) => wire.attach(inputs) };
    this.#conversation = new Conversation("", first.dialect, opened, { role, runner, variables }, () => []);
  }

  start(): void {
    const end = (): void => {
      this.#stage.dispose();
      void this.#stub.context.lobby.dismiss(this.#wire);
    };
    const onError = (error: unknown): void => {
      end();
      this.#onError(error);
    };
    this.#runner.start(this.#script(), { onEnd: end, onError }, now());
  }

  *#script(): Script<void> {
    const { greeting, rules, first, context } = this.#stub;
    if (greeting && !(yield* this.#say(greeting))) return;
    while (this.#conversation.isUsable || this.#conversation.hasWaiting) {
      const hearing = new RequestHearing(this.#conversation, rules, first.settings, this.#open);
      hearing.start();
      while (!hearing.hasEnded) yield;
      const heard = hearing.heard!;
      if (heard.kind === "end") return;
      const line = heard.kind === "request" ? heard.rule.request.line : undefined;
      context.onRequest(heard.kind === "request" ? heard.rule.request.lines[0]!.source : heard.text, line);
      if (heard.kind === "unknown" ? !this.#refuse() : !(yield* this.#answer(heard))) return;
    }
  }

  *#answer({ rule, captures }: Heard & { readonly kind: "request" }): Script<boolean> {
    const { captured } = this.#variables;
    for (const name of rule.binds) captured.delete(name);
    for (const [name, value] of captures) captured.set(name, value);
    return yield* this.#say({ ...rule.example, moves: rule.answer });
  }

  /** @returns whether all of it could be said. */
  *#say(example: PlannedExample): Script<boolean> {
    const play = new Play(this.#playContext(), example, this.#conversation);
    yield* play.script();
    return !play.notes.some(({ failed }) => failed);
  }

  #playContext(): PlayContext {
    return {
      role: "server",
      runner: this.#runner,
      host: this.#stage,
      connections: this.#connections,
      variables: this.#variables,
      keepReplies: false,
      invent: (say, note) => this.#invent(say, note),
      teller: undefined,
      pipeline: 0,
    };
  }

  #invent(say: Parameters<Inventor["lines"]>[0], note: Note): readonly OutgoingLine[] | undefined {
    try {
      return this.#stub.inventor.lines(say, note.example, this.#variables);
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      note.fail("protocol", error.pattern.line, `not sent: ${error.message}`);
      return undefined;
    }
  }

  /** Says that there is no answer, where the dialect has words for it. @returns whether the connection goes on. */
  #refuse(): boolean {
    const { first } = this.#stub;
    const refusal = first.dialect.responses?.refusal;
    if (!refusal) return false;
    const line = first.line;
    const nothing = { kind: "say", by: "client", on: "", line, lines: [], answers: undefined, isKnown: true } as const;
    const lines = refusal.map((bytes) => ({ bytes, ending: "\r\n", endingWritten: false, line, column: 1 }));
    try {
      this.#conversation.send(lines, undefined, new Note(nothing, undefined, first, "server"));
      return true;
    } catch (error) {
      if (!isLineError(error)) throw error;
      return false;
    }
  }
}
