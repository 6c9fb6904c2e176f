/** How much is kept. */
const MOST = 64;
/** After so many questions in a row without an answer, nothing comes again. */
const MOST_MISSED = 200;

/** What was worked out before, by what it was made of, as long as the same comes again. */
export class Recent<K, V> {
  readonly #values = new Map<K, V>();
  #missed = 0;

  /** Whether it is still worth asking. */
  get isOfUse(): boolean {
    return this.#missed < MOST_MISSED;
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key);
    this.#missed = value === undefined ? this.#missed + 1 : 0;
    return value;
  }

  /** Keeps the first ones: those of a document that is played again and again come again in their order. */
  set(key: K, value: V): void {
    if (this.#values.size < MOST) this.#values.set(key, value);
  }
}
