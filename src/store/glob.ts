/**
 * Globs: `?` is one character of a name, `*` any number of them, `**` any characters, slashes too. All else is itself.
 *
 * All ways to match are followed at once, as a set of places in the glob: the time is bounded by the product of the two
 * lengths, however the stars stand.
 */
const SLASH = 0x2f;
/** Elements that are no characters of a path. */
const ONE = 1;
const MANY = 2;
const DEEP = 3;

const hasWildcard = (glob: string): boolean => /[*?]/.test(glob);

export class Glob {
  readonly text: string;
  /** Whether it matches itself and nothing else. */
  readonly isPath: boolean;
  /** The path up to the slash before the first wildcard, slash included: every match begins with it. */
  readonly folder: string;
  readonly #elements: Uint8Array;
  /** Where the glob is the folder and `**`: all that is below matches. */
  readonly #isEverythingBelow: boolean;

  /** @param text a legal glob. */
  constructor(text: string) {
    this.text = text;
    this.isPath = !hasWildcard(text);
    this.folder = this.isPath ? text : text.slice(0, text.lastIndexOf("/", text.search(/[*?]/)) + 1);
    this.#isEverythingBelow = /^\*{2,}$/.test(text.slice(this.folder.length));
    this.#elements = this.isPath ? new Uint8Array(0) : elementsOf(text);
  }

  matches(path: string): boolean {
    if (this.isPath) return path === this.text;
    if (!path.startsWith(this.folder)) return false;
    return this.#isEverythingBelow || this.#follow(path);
  }

  #follow(path: string): boolean {
    const elements = this.#elements;
    const end = elements.length;
    let places = new Uint8Array(end + 1);
    let next = new Uint8Array(end + 1);
    /** The first and the last place that may be in the set; what is behind is clear. */
    let first = 0;
    let last = enter(places, elements, 0);
    for (let i = 0; i < path.length; i++) {
      const found = path.charCodeAt(i);
      let nextFirst = end + 1;
      let nextLast = -1;
      for (let place = first; place <= last; place++) {
        if (places[place] === 0) continue;
        places[place] = 0;
        const element = elements[place];
        const stays = element === DEEP || (element === MANY && found !== SLASH);
        const passes = element === found || (element === ONE && found !== SLASH);
        if (!stays && !passes) continue;
        const to = stays ? place : place + 1;
        nextFirst = Math.min(nextFirst, to);
        nextLast = Math.max(nextLast, enter(next, elements, to));
      }
      if (nextLast < 0) return false;
      [places, next, first, last] = [next, places, nextFirst, nextLast];
    }
    return places[end] === 1;
  }
}

/** Adds a place to the set, and those behind stars that may stand for nothing. @returns the last one added. */
function enter(places: Uint8Array, elements: Uint8Array, place: number): number {
  let last = place;
  places[last] = 1;
  while (elements[last] === MANY || elements[last] === DEEP) places[++last] = 1;
  return last;
}

function elementsOf(text: string): Uint8Array {
  const elements: number[] = [];
  for (const [found] of text.matchAll(/\*+|./g)) {
    if (found === "?") elements.push(ONE);
    else if (found.startsWith("*")) elements.push(found === "*" ? MANY : DEEP);
    else elements.push(found.charCodeAt(0));
  }
  return Uint8Array.from(elements);
}
