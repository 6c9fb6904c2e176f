/**
 * Globs: `?` is one character of a name, `*` any number of them, `**` any characters, slashes too. All else is itself.
 *
 * All ways to match are followed at once, as a set of places in the glob, one bit each (Baeza-Yates and Gonnet, "A new
 * approach to text searching", 1992): the time is bounded by the product of the two lengths, divided by 32, however the
 * stars stand.
 */
const SLASH = 0x2f;
/** The characters that a glob can name are below. */
const ASCII = 128;

const hasWildcard = (glob: string): boolean => /[*?]/.test(glob);

export class Glob {
  readonly text: string;
  /** Whether it matches itself and nothing else. */
  readonly isPath: boolean;
  /** The path up to the slash before the first wildcard, slash included: every match begins with it. */
  readonly folder: string;
  /** Where the glob is the folder and `**`: all that is below matches. */
  readonly #isEverythingBelow: boolean;
  /** Made for the first path that it is needed for: most never meet one. */
  #places: Places | undefined;

  /** @param text a legal glob. */
  constructor(text: string) {
    this.text = text;
    this.isPath = !hasWildcard(text);
    this.folder = this.isPath ? text : text.slice(0, text.lastIndexOf("/", text.search(/[*?]/)) + 1);
    this.#isEverythingBelow = /^\*{2,}$/.test(text.slice(this.folder.length));
  }

  matches(path: string): boolean {
    if (this.isPath) return path === this.text;
    if (!path.startsWith(this.folder)) return false;
    if (this.#isEverythingBelow) return true;
    this.#places ??= new Places(this.text.slice(this.folder.length));
    return this.#places.match(path, this.folder.length);
  }
}

type Bits = Uint32Array;

/** What is in the glob at which place: a bit for each element of it, and one for its end. */
class Places {
  readonly #end: number;
  /** Where there is a star, and where one that takes slashes too. */
  readonly #stars: Bits;
  readonly #deepStars: Bits;
  /** What any character of a name passes; and by character what it passes. */
  readonly #any: Bits;
  readonly #passed: Bits[];
  /** Those that are reached; between two matches nothing. */
  readonly #reached: Bits;

  constructor(text: string) {
    const elements = text.match(/\*+|[^*]/g)!;
    const words = (elements.length >>> 5) + 1;
    this.#end = elements.length;
    this.#any = new Uint32Array(words);
    this.#stars = new Uint32Array(words);
    this.#deepStars = new Uint32Array(words);
    this.#reached = new Uint32Array(words);
    for (const [place, element] of elements.entries()) {
      if (element === "?") add(this.#any, place);
      else if (element.startsWith("*")) add(this.#stars, place);
      if (element.startsWith("**")) add(this.#deepStars, place);
    }
    // Characters that are not in the glob share one set.
    this.#passed = new Array<Bits>(ASCII).fill(this.#any);
    this.#passed[SLASH] = new Uint32Array(words);
    for (const [place, element] of elements.entries()) {
      if (hasWildcard(element)) continue;
      const code = element.charCodeAt(0);
      if (this.#passed[code] === this.#any) this.#passed[code] = this.#any.slice();
      add(this.#passed[code]!, place);
    }
  }

  /** Whether all of a path from an index on matches. */
  match(path: string, from: number): boolean {
    const reached = this.#reached;
    const stars = this.#stars;
    reached.fill(0);
    reached[0] = 1 | ((stars[0]! & 1) << 1);
    /** The last word that may have a bit. */
    let last = 0;
    for (let i = from; i < path.length; i++) {
      const code = path.charCodeAt(i);
      const passed = this.#passed[code] ?? this.#any;
      const staying = code === SLASH ? this.#deepStars : stars;
      /** Bits that go over into the next word: of places passed, and of those behind stars. */
      let passedOver = 0;
      let starOver = 0;
      let any = 0;
      const end = Math.min(last + 1, reached.length - 1);
      for (let word = 0; word <= end; word++) {
        const before = reached[word]!;
        const forward = before & passed[word]!;
        const now = (forward << 1) | passedOver | (before & staying[word]!);
        passedOver = forward >>> 31;
        // A star may stand for nothing. What follows it is no star: those are one.
        const atStar = now & stars[word]!;
        const after = now | (atStar << 1) | starOver;
        starOver = atStar >>> 31;
        reached[word] = after;
        any |= after;
        if (after !== 0) last = word;
      }
      if (any === 0) return false;
    }
    return ((reached[this.#end >>> 5]! >>> (this.#end & 31)) & 1) === 1;
  }
}

function add(bits: Bits, place: number): void {
  bits[place >>> 5]! |= 1 << (place & 31);
}
