/**
 * Globs: `?` is one character of a name, `*` any number of them, `**` any characters, slashes too. All else is itself.
 *
 * The first match is looked for with the shortest text for each star; only the last `*` and the last `**` are ever
 * lengthened (a `*` cannot pass a slash, so an earlier one has no other choice). The time is bounded by the product of
 * the two lengths for each place that a `**` may end at, never exponential.
 */
const STAR = 0x2a;
const QUESTION = 0x3f;
const SLASH = 0x2f;

export const hasWildcard = (glob: string): boolean => /[*?]/.test(glob);

/** The path up to the slash before the first wildcard, slash included: every match begins with it. */
export function fixedFolder(glob: string): string {
  const wildcard = glob.search(/[*?]/);
  return wildcard < 0 ? glob : glob.slice(0, glob.lastIndexOf("/", wildcard) + 1);
}

/** Whether a legal glob matches a whole path. */
export function matchesGlob(glob: string, path: string): boolean {
  let g = 0;
  let p = 0;
  /** Where to go on behind the last `*` and the last `**`, and where its text ends so far; -1: there is none. */
  let starGlob = -1;
  let starPath = -1;
  let deepGlob = -1;
  let deepPath = -1;
  for (;;) {
    const wanted = g < glob.length ? glob.charCodeAt(g) : -1;
    if (wanted === STAR) {
      let end = g + 1;
      while (glob.charCodeAt(end) === STAR) end++;
      if (end - g > 1) {
        if (end === glob.length) return true;
        [deepGlob, deepPath, starGlob] = [end, p, -1];
      } else {
        [starGlob, starPath] = [end, p];
      }
      g = end;
      continue;
    }
    if (p === path.length && wanted === -1) return true;
    if (p < path.length && wanted !== -1) {
      const found = path.charCodeAt(p);
      if (found === wanted || (wanted === QUESTION && found !== SLASH)) {
        g++;
        p++;
        continue;
      }
    }
    if (starGlob >= 0 && starPath < path.length && path.charCodeAt(starPath) !== SLASH) {
      g = starGlob;
      p = ++starPath;
    } else if (deepGlob >= 0 && deepPath < path.length) {
      starGlob = -1;
      g = deepGlob;
      p = ++deepPath;
    } else {
      return false;
    }
  }
}
