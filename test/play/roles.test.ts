/** Both parties of a transcript, played in memory against each other by the same player. */
import { describe, expect, it } from "vitest";
import type { Party } from "../../src/plan/moves.ts";
import type { PlannedDocument } from "../../src/plan/planned.ts";
import { Variables } from "../../src/plan/variables.ts";
import { Connections } from "../../src/play/connections.ts";
import type { Note } from "../../src/play/note.ts";
import { Play } from "../../src/play/play.ts";
import type { Eventual, Host, Inputs, Opened, OpenRequest, Port } from "../../src/play/port.ts";
import { Runner, type Script } from "../../src/play/script.ts";
import { planned } from "./perform.ts";

/** What is under way between the two. */
type Delivery = (now: number) => void;

class Side implements Host {
  readonly role: Party;
  readonly runner = new Runner();
  readonly notes: Note[] = [];
  readonly #deliveries: Delivery[];
  /** The other end of each connection, in the order they are opened. */
  readonly #inputs: Inputs[] = [];
  readonly variables: Variables;
  other: Side | undefined;
  hasEnded = false;
  due = Number.POSITIVE_INFINITY;

  constructor(role: Party, document: PlannedDocument, deliveries: Delivery[]) {
    this.role = role;
    this.#deliveries = deliveries;
    this.variables = new Variables(document.variables);
    const connections = new Connections({
      role,
      runner: this.runner,
      host: this,
      variables: this.variables,
      documentPlace: document.place,
      playOpening(): Script<undefined> {
        throw new Error("no document here has an opening");
      },
    });
    const { variables, runner } = this;
    const context = {
      role,
      runner,
      host: this,
      connections,
      variables,
      keepReplies: true,
      teller: undefined,
      pipeline: 0,
    };
    const play = new Play(context, document.examples[0]!);
    const onEnd = (): void => {
      this.hasEnded = true;
    };
    const onError = (error: unknown): void => {
      throw error;
    };
    this.runner.start(play.script(), { onEnd, onError }, 0);
    this.notes = play.notes;
  }

  open({ address, example }: OpenRequest): Eventual<Opened> {
    const { eol, limit, options } = example.settings;
    const { dialect } = address;
    const codec = dialect.createCodec({ eol, limit, host: "localhost", options: options[dialect.name] ?? {} });
    const attach = (inputs: Inputs): Port => {
      const at = this.#inputs.push(inputs) - 1;
      const toOther = (deliver: (inputs: Inputs, now: number) => void): void => {
        this.#deliveries.push((now) => {
          const peer = this.other!.#inputs[at];
          if (peer) deliver(peer, now);
        });
      };
      return {
        send: (bytes) => toOther((peer, now) => peer.bytes(bytes, now)),
        act: () => {
          toOther((peer, now) => peer.closed(undefined, now));
          return true;
        },
        flow: () => {},
        alarm: (due) => {
          this.due = due ?? Number.POSITIVE_INFINITY;
        },
      };
    };
    return { value: { scheme: "tcp", codec, attach } };
  }

  ring(now: number): void {
    this.due = Number.POSITIVE_INFINITY;
    for (const inputs of this.#inputs) inputs.due(now);
    this.runner.wake(now);
  }

  secure(): Eventual<never> {
    return { value: { refused: "no TLS here" } };
  }
  serverTarget(): string {
    return "";
  }
  dialectOf(): undefined {
    return undefined;
  }
  alarm(at: number): void {
    this.due = at;
  }
  onCapture(): void {}
}

/** What each party finds: `LINE status`, in the order of the moves. */
async function together(
  text: string,
): Promise<{ readonly client: readonly string[]; readonly server: readonly string[] }> {
  const document = await planned(text);
  const deliveries: Delivery[] = [];
  const server = new Side("server", document, deliveries);
  const client = new Side("client", document, deliveries);
  server.other = client;
  client.other = server;
  let now = 0;
  for (let turns = 0; !(client.hasEnded && server.hasEnded); turns++) {
    if (turns > 10_000) throw new Error("the two wait for each other");
    const delivery = deliveries.shift();
    if (delivery) delivery(now);
    else {
      now = Math.min(client.due, server.due);
      for (const side of [client, server]) if (side.due <= now) side.ring(now);
    }
  }
  const found = ({ notes }: Side): readonly string[] =>
    notes.map(({ line, finding }) => `${line} ${finding ? `${finding.kind} ${finding.line}` : "passed"}`);
  return { client: found(client), server: found(server) };
}

const wire = (lines: string, front = ""): string => `${front}\`\`\`wire\n${lines}\n\`\`\`\n`;

describe("a client and a server that play the same transcript", () => {
  it.each([
    ["an exchange", wire(">>> hello\nworld"), ["2 passed"]],
    ["several, of several lines each", wire(">>> a\n>>> b\nc\nd\n>>> e\nf"), ["2 passed", "6 passed"]],
    ["bytes", wire(">>> 01 02 (hex)\n03 (hex)\n>>> 04 (hex)\n05 06 (hex)"), ["2 passed", "4 passed"]],
    ["what the server says by itself", wire("ready\n>>> hello\nworld"), ["2 passed", "3 passed"]],
    ["an end", wire(">>> quit\nbye\n=== closed"), ["2 passed"]],
  ])("agree: %s", async (_name, text, verdicts) => {
    expect(await together(text)).toEqual({ client: verdicts, server: verdicts });
  });
});
