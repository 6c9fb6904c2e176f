/**
 * The files that a glob matches. Clients ask for one after another by its place, and a walk over all of them would
 * take the square of their number, were the last few walks not kept where they stopped.
 */
import type { File } from "./engine.ts";
import { Glob } from "./glob.ts";
import { type Directory, filesOf, isFile, lookUp } from "./tree.ts";

const KEPT_WALKS = 16;

export class Walks {
  /** The last one used at the end. */
  readonly #kept: Walk[] = [];

  /** The file with this place, counted from 0, among those that the glob matches. */
  file(root: Directory, glob: string, offset: number): File | undefined {
    const index = this.#kept.findIndex((walk) => walk.leadsTo(root, glob, offset));
    const walk = index < 0 ? new Walk(root, glob) : this.#kept.splice(index, 1)[0]!;
    const file = walk.file(offset);
    if (file === undefined) return undefined;
    this.#kept.push(walk);
    if (this.#kept.length > KEPT_WALKS) this.#kept.shift();
    return file;
  }

  /** Ends the walks over a tree that cannot be read any more, which would keep its files. */
  forget(root: Directory): void {
    for (let i = this.#kept.length - 1; i >= 0; i--) if (this.#kept[i]!.isOver(root)) this.#kept.splice(i, 1);
  }
}

class Walk {
  readonly #root: Directory;
  readonly #glob: Glob;
  readonly #files: Iterator<File>;
  /** The place of the last file found. */
  #place = -1;
  #last: File | undefined;

  constructor(root: Directory, glob: string) {
    this.#root = root;
    this.#glob = new Glob(glob);
    this.#files = below(root, this.#glob);
  }

  isOver(root: Directory): boolean {
    return root === this.#root;
  }

  leadsTo(root: Directory, glob: string, offset: number): boolean {
    return root === this.#root && offset >= this.#place && glob === this.#glob.text;
  }

  file(offset: number): File | undefined {
    while (this.#place < offset) {
      const { value, done } = this.#files.next();
      if (done) return undefined;
      if (!this.#glob.matches(value.path)) continue;
      this.#place++;
      this.#last = value;
    }
    return this.#last;
  }
}

/** The files that a glob can match, from its fixed folder on. */
function* below(root: Directory, { isPath, folder }: Glob): Generator<File, void, undefined> {
  const node = lookUp(root, isPath ? folder : folder.slice(0, -1) || "/");
  if (node === undefined || node === "below-file") return;
  if (isFile(node)) yield node;
  else yield* filesOf(node);
}
