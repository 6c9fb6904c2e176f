/**
 * Plays a document without sockets and without time: a scripted peer for each connection, and a number for a clock, which
 * jumps to the next alarm where nothing else can happen.
 */
import { fromBytes, toBytes } from "../../src/base/bytes.ts";
import type { Codec } from "../../src/dialects/codec.ts";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { diffBytes } from "../../src/match/byte-diff.ts";
import { ReplyDiff } from "../../src/match/diff.ts";
import type { Party } from "../../src/plan/moves.ts";
import type { RunOptions } from "../../src/plan/options.ts";
import type { PlannedDocument, PlannedExample } from "../../src/plan/planned.ts";
import { Variables } from "../../src/plan/variables.ts";
import { Connections } from "../../src/play/connections.ts";
import type { PlayContext } from "../../src/play/context.ts";
import type { Note } from "../../src/play/note.ts";
import type { ExchangeResult } from "../../src/play/outcome.ts";
import { Play } from "../../src/play/play.ts";
import type { CloseError, Eventual, Host, Inputs, Opened, OpenRequest, Port } from "../../src/play/port.ts";
import { Told } from "../../src/play/result.ts";
import { Runner, type Script } from "../../src/play/script.ts";
import { whyNotTried } from "../../src/play/verdict.ts";
import { planText } from "../plan/plan-text.ts";

/**
 * What a peer does: waits until the client has sent so many bytes more, sends, lets time pass (in milliseconds), closes,
 * breaks the connection.
 */
export type PeerStep =
  | { readonly kind: "await"; readonly bytes: string }
  | { readonly kind: "send"; readonly bytes: string }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "close" }
  | { readonly kind: "break" };

/** How a text that the peer sends reaches the client: in these pieces. */
export type Cut = (text: string) => readonly string[];

export const whole: Cut = (text) => [text];
/** All that the peer says without waiting for the client comes in one piece. */
export const gathered: Cut = (text) => [text];
export const bytewise: Cut = (text) => [...text];
/** One cut, at an offset in all that the peer sends on all its connections. */
export function cutAt(offset: number): Cut {
  let left = offset;
  return (text) => {
    const at = left;
    left -= text.length;
    return at > 0 && at < text.length ? [text.slice(0, at), text.slice(at)] : [text];
  };
}

/** Plans a document from its text; throws its first mistake. */
export async function planned(text: string, options: RunOptions = {}): Promise<PlannedDocument> {
  const document = await planText(text, { ...options, target: targetOf(text) });
  if (document.errors.length > 0) throw document.errors[0];
  return document;
}

const targetOf = (text: string): string => `${/^dialect: (http|redis)$/m.exec(text)?.[1] ?? "tcp"}://127.0.0.1:1`;

class PeerPort implements Port {
  readonly inputs: Inputs;
  readonly steps: PeerStep[];
  readonly #cut: Cut;
  sent = "";
  isClosed = false;
  due = Number.POSITIVE_INFINITY;
  /** When the peer goes on. */
  from = 0;
  #pieces: string[] = [];

  constructor(inputs: Inputs, steps: readonly PeerStep[], cut: Cut) {
    this.inputs = inputs;
    this.steps = [...steps];
    this.#cut = cut;
  }

  send(bytes: Uint8Array): void {
    this.sent += fromBytes(bytes);
  }

  act(act: "close" | "half-close" | "reset"): void {
    if (act !== "half-close") this.isClosed = true;
  }

  flow(): void {}

  alarm(at: number | undefined): void {
    this.due = at ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next step, if that is possible now. */
  step(now: number): boolean {
    if (this.isClosed || now < this.from) return false;
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.inputs.bytes(toBytes(piece), now);
      return true;
    }
    const [step] = this.steps;
    if (!step) return false;
    if (step.kind === "await") {
      if (!this.sent.startsWith(step.bytes)) return false;
      this.sent = this.sent.slice(step.bytes.length);
    }
    this.steps.shift();
    if (step.kind === "send")
      this.#pieces = [...this.#cut(step.bytes + (this.#cut === gathered ? this.#further() : ""))];
    else if (step.kind === "pass") this.from = now + step.ms;
    else if (step.kind !== "await") {
      const error: CloseError | undefined =
        step.kind === "break" ? { message: "read ECONNRESET", code: "ECONNRESET" } : undefined;
      this.isClosed = true;
      this.inputs.closed(error, now);
    }
    return true;
  }

  /** What it sends next, as far as the client has sent what is awaited before it. */
  #further(): string {
    let text = "";
    for (let [step] = this.steps; step?.kind === "await" || step?.kind === "send"; [step] = this.steps) {
      if (step.kind === "send") text += step.bytes;
      else if (!this.sent.startsWith(step.bytes)) break;
      else this.sent = this.sent.slice(step.bytes.length);
      this.steps.shift();
    }
    return text;
  }
}

/** What came of a document: the results of its exchanges, without times, and all that it sent, by connection. */
export interface Performed {
  readonly exchanges: readonly Omit<ExchangeResult, "ms">[];
  readonly sent: readonly string[];
  /** Why the document was not played. */
  readonly unreachable: string | undefined;
  /** Milliseconds that passed. */
  readonly ms: number;
}

/**
 * @param peers for each connection that is opened, what its peer does; one more is refused.
 * @param pipeline how many exchanges are sent ahead.
 */
export function perform(
  document: PlannedDocument,
  peers: readonly (readonly PeerStep[])[],
  cut: Cut = whole,
  pipeline = 0,
): Performed {
  return new Stage(document, peers, cut, pipeline).perform();
}

/** What is done about a reply that is not as written, or is not written at all. */
export type Hooks = Pick<PlayContext, "amend" | "requiresUnwritten">;

/** The same; the notes of its exchanges. */
export const performNotes = (
  document: PlannedDocument,
  peers: readonly (readonly PeerStep[])[],
  hooks: Hooks,
): readonly Note[] => new Stage(document, peers, whole, 0, hooks).play();

class Stage implements Host {
  readonly #document: PlannedDocument;
  readonly #peers: (readonly PeerStep[])[];
  readonly #cut: Cut;
  readonly #hooks: Hooks;
  readonly #pipeline: number;
  readonly #runner = new Runner();
  readonly #variables: Variables;
  readonly #connections: Connections;
  readonly #ports: PeerPort[] = [];
  readonly #sent: (() => string)[] = [];
  readonly #notes: Note[] = [];
  #due = Number.POSITIVE_INFINITY;
  #now = 0;

  constructor(
    document: PlannedDocument,
    peers: readonly (readonly PeerStep[])[],
    cut: Cut,
    pipeline: number,
    hooks: Hooks = {},
  ) {
    this.#pipeline = pipeline;
    this.#document = document;
    this.#hooks = hooks;
    this.#peers = [...peers];
    this.#cut = cut;
    this.#variables = new Variables(document.variables);
    this.#connections = new Connections({
      role: "client",
      runner: this.#runner,
      host: this,
      variables: this.#variables,
      documentPlace: document.place,
      playOpening: (opening, conversation) => this.#playOpening(opening, conversation),
    });
  }

  perform(): Performed {
    const unreachable = this.#perform();
    const tell = (note: Note): Told => {
      const told = new Told(note);
      told.compare({ ReplyDiff, diffBytes }, this.#variables);
      return told;
    };
    const exchanges = this.#notes.map((note) => {
      const { ms: _, ...result } = tell(note).result(true, (cause) => whyNotTried(cause, tell(cause).failure?.line));
      return result;
    });
    return { exchanges, sent: this.#sent.map((one) => one()), unreachable, ms: this.#now };
  }

  play(): readonly Note[] {
    this.#perform();
    for (const note of this.#notes) if (note.failed) note.scope ??= this.#variables;
    return this.#notes;
  }

  /** @returns why the document was not played. */
  #perform(): string | undefined {
    let unreachable: string | undefined;
    for (const example of this.#document.examples) {
      if (example.role === "opening") this.#connections.opening = example;
      else if (example.role === "anytime") this.#connections.anytime = [...this.#connections.anytime, example];
      else if (unreachable === undefined) {
        this.#connections.beginExample();
        const play = new Play(this.#context(this.#pipeline), example);
        unreachable = this.#run(play.script())?.message;
        this.#notes.push(...play.notes);
      }
    }
    const settle = Math.max(0, ...this.#document.examples.map((example) => example.settings.settle));
    this.#run(this.#connections.end(settle));
    return unreachable;
  }

  #context(pipeline: number): PlayContext {
    return {
      role: "client" satisfies Party,
      runner: this.#runner,
      host: this,
      connections: this.#connections,
      variables: this.#variables,
      keepReplies: true,
      ...this.#hooks,
      teller: undefined,
      pipeline,
    };
  }

  *#playOpening(
    opening: PlannedExample,
    conversation: ConstructorParameters<typeof Play>[2],
  ): Script<Note | undefined> {
    const play = new Play(this.#context(0), opening, conversation);
    yield* play.script();
    this.#notes.push(...play.notes.filter(({ isAmended }) => isAmended));
    return play.notes.find(({ failed, isAmended }) => failed && !isAmended);
  }

  #run<T>(script: Script<T>): T {
    let end: { readonly value: T } | { readonly error: unknown } | undefined;
    const onEnd = (value: T): void => {
      end = { value };
    };
    const onError = (error: unknown): void => {
      end = { error };
    };
    this.#runner.start(script, { onEnd, onError }, this.#now);
    while (!end) {
      if (this.#ports.some((port) => port.step(this.#now))) continue;
      if (!this.#advance()) throw new Error("the play waits for nothing");
    }
    if ("error" in end) throw end.error;
    return end.value;
  }

  /** Lets time pass up to what happens next. */
  #advance(): boolean {
    const open = this.#ports.filter(({ isClosed }) => !isClosed);
    const later = open.flatMap(({ from }) => (from > this.#now ? [from] : []));
    const next = Math.min(this.#due, ...open.map(({ due }) => due), ...later);
    if (next === Number.POSITIVE_INFINITY) return false;
    this.#now = Math.max(this.#now, next);
    for (const port of open) {
      if (port.due > this.#now) continue;
      port.due = Number.POSITIVE_INFINITY;
      port.inputs.due(this.#now);
    }
    if (this.#due <= this.#now) {
      this.#due = Number.POSITIVE_INFINITY;
      this.#runner.wake(this.#now);
    }
    return true;
  }

  open({ address: { dialect }, example }: OpenRequest): Eventual<Opened> {
    const steps = this.#peers.shift();
    if (!steps) return { value: { refused: "cannot connect: nothing listens there" } };
    const { eol, limit, options } = example.settings;
    const codec = dialect.createCodec({ eol, limit, host: "localhost", options: options[dialect.name] ?? {} });
    let all = "";
    this.#sent.push(() => all);
    const attach = (inputs: Inputs): Port => {
      const port = new PeerPort(inputs, steps, this.#cut);
      const send = port.send.bind(port);
      port.send = (bytes) => {
        all += fromBytes(bytes);
        send(bytes);
      };
      this.#ports.push(port);
      return port;
    };
    return { value: { scheme: "tcp", codec, attach } };
  }

  secure(): Eventual<Codec> {
    return { value: { refused: "a tcp: connection cannot turn to TLS" } };
  }

  serverTarget(): string {
    return "";
  }

  dialectOf(): Dialect | undefined {
    return undefined;
  }

  alarm(at: number): void {
    this.#due = at;
  }

  onCapture(): void {}
}
