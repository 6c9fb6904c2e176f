/** Clients that have connected and play no part yet. */
import type { Connection, Target } from "../transports/transport.ts";
import { ClientWire } from "./client-wire.ts";

export class Lobby {
  readonly #target: Target;
  readonly #waiting: ClientWire[] = [];
  readonly #all = new Set<ClientWire>();
  /** How many clients have connected. */
  count = 0;
  /** Called when a client has connected, or one of them has changed. */
  onChange: () => void = () => {};

  /** @param target the address that is served. */
  constructor(target: Target) {
    this.#target = target;
  }

  enter(connection: Connection): void {
    const wire = new ClientWire(this.#target, connection);
    this.count++;
    this.#all.add(wire);
    this.#waiting.push(wire);
    wire.onChange = () => this.onChange();
    wire.onLeft = () => this.#waiting.push(wire);
    this.onChange();
  }

  /** All clients that play a part. */
  get playing(): readonly ClientWire[] {
    return [...this.#all].filter((wire) => !this.#waiting.includes(wire));
  }

  get waiting(): readonly ClientWire[] {
    return this.#waiting;
  }

  /** The one that came first; `speaking`: of those that have spoken, if there are any. */
  take(speaking = false): ClientWire | undefined {
    const at = speaking ? this.#waiting.findIndex(({ hasSpoken }) => hasSpoken) : 0;
    return this.#waiting.splice(Math.max(0, at), 1)[0];
  }

  /** Takes the one that came last. */
  takeLast(): ClientWire | undefined {
    return this.#waiting.pop();
  }

  /** A client that is not needed any more. */
  async dismiss(wire: ClientWire): Promise<void> {
    await wire.closed();
    this.#all.delete(wire);
  }

  /** Ends all connections, once what was sent has left. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((wire) => wire.closed()));
  }

  /** Ends all connections at once. */
  destroy(): void {
    for (const wire of this.#all) wire.destroy();
  }
}
