/** What was worked out lately, by what it was made of. It never grows beyond a few dozen entries. */
const MOST = 64;

export class Recent<K, V> {
  readonly #values = new Map<K, V>();

  get(key: K): V | undefined {
    return this.#values.get(key);
  }

  set(key: K, value: V): void {
    if (this.#values.size === MOST) this.#values.clear();
    this.#values.set(key, value);
  }
}
