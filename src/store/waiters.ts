/**
 * Those who wait for a change, found by what is fixed in their globs: by the path where there is no wildcard, else by the
 * folder of the first one. A change asks only those who stand at its path or at a folder above it.
 */
import type { Change } from "./engine.ts";
import type { Glob } from "./glob.ts";

export interface Waiter {
  readonly glob: Glob;
  /** The first revision that counts. */
  readonly from: number;
  readonly wake: (change: Change) => void;
}

export class Waiters {
  readonly #byPath = new Map<string, Set<Waiter>>();
  readonly #byFolder = new Map<string, Set<Waiter>>();

  add(waiter: Waiter): void {
    const [index, key] = this.#placeOf(waiter);
    const there = index.get(key);
    if (there) there.add(waiter);
    else index.set(key, new Set([waiter]));
  }

  delete(waiter: Waiter): void {
    const [index, key] = this.#placeOf(waiter);
    const there = index.get(key);
    if (there?.delete(waiter) && there.size === 0) index.delete(key);
  }

  /** Wakes whom the change concerns; they wait no longer. */
  tell(change: Change): void {
    if (this.#byPath.size > 0) this.#wake(this.#byPath.get(change.path), change);
    if (this.#byFolder.size === 0) return;
    const { path } = change;
    for (let slash = 0; slash >= 0; slash = path.indexOf("/", slash + 1))
      this.#wake(this.#byFolder.get(path.slice(0, slash + 1)), change);
  }

  #wake(there: Set<Waiter> | undefined, change: Change): void {
    if (there === undefined) return;
    for (const waiter of there) {
      if (waiter.from > change.revision || !waiter.glob.matches(change.path)) continue;
      this.delete(waiter);
      waiter.wake(change);
    }
  }

  #placeOf({ glob }: Waiter): [Map<string, Set<Waiter>>, string] {
    return glob.isPath ? [this.#byPath, glob.text] : [this.#byFolder, glob.folder];
  }
}
