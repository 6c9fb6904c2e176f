/** Items in the order in which they came, from which only the first one is taken. */

/** So many places of items that were taken are kept before the list is cut. */
const MOST_TAKEN = 1024;

export class Queue<T> {
  #items: T[] = [];
  #first = 0;

  add(item: T): void {
    this.#items.push(item);
  }

  /** Takes out the first one; undefined where none is left. */
  take(): T | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#first++;
    if (this.#first > MOST_TAKEN && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  copy(): Queue<T> {
    const copy = new Queue<T>();
    copy.#items = this.#items.slice(this.#first);
    return copy;
  }
}
