import { isAbsolute, relative, resolve, sep } from "node:path";

/** A path as people see it: from `cwd`, with `/`; one that was given as absolute and lies elsewhere stays so. */
export function displayPath(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  const shown = relative(resolve(cwd), absolute) || ".";
  const isElsewhere = shown === ".." || shown.startsWith(`..${sep}`);
  return (isElsewhere && isAbsolute(path) ? absolute : shown).replaceAll(sep, "/");
}
