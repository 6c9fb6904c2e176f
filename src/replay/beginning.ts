/** What an example begins with that may be tried again: a try that failed leaves no trace. */
import type { ByteString } from "../base/bytes.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import type { Connections } from "../play/connections.ts";
import type { Conversation } from "../play/conversation.ts";
import { startOver } from "../play/extra.ts";

export class Beginning {
  readonly #variables: Variables;
  readonly #connections: Connections;
  readonly #captures: ReadonlyMap<string, ByteString>;
  readonly #open: ReadonlySet<Conversation>;

  constructor(variables: Variables, connections: Connections) {
    this.#variables = variables;
    this.#connections = connections;
    this.#captures = new Map(variables.captured);
    this.#open = new Set(connections.all());
  }

  /** Takes values and connections back to what they were. */
  restore(example: PlannedExample): void {
    const { captured } = this.#variables;
    captured.clear();
    for (const [name, value] of this.#captures) captured.set(name, value);
    this.#connections.abandon(this.#open);
    for (const conversation of this.#connections.all()) startOver(conversation, example);
  }
}
