/**
 * Gives each of the first things one of the second that fits, no two the same: the first that fits to the first one, as
 * long as the others still get theirs (augmenting paths, as for a matching in a bipartite graph).
 */
export function assign(
  firsts: number,
  seconds: number,
  fits: (first: number, second: number) => boolean,
): readonly (number | undefined)[] {
  const given: (number | undefined)[] = [];
  const owners = new Map<number, number>();

  /** Finds a second thing for one that has none, from which others than those before `from` may have to step aside. */
  const give = (first: number, from: number, seen: Set<number>): boolean => {
    for (let second = 0; second < seconds; second++) {
      if (seen.has(second) || !fits(first, second)) continue;
      seen.add(second);
      const owner = owners.get(second);
      if (owner !== undefined && (owner < from || !give(owner, from, seen))) continue;
      given[first] = second;
      owners.set(second, first);
      return true;
    }
    return false;
  };

  for (let first = 0; first < firsts; first++) if (!give(first, 0, new Set())) return given.slice(0, first);
  for (let first = 0; first < firsts; first++) improve(first);
  return given;

  /** Gives it the first thing that it can have, those before it keeping theirs. */
  function improve(first: number): void {
    const had = given[first]!;
    for (let second = 0; second < had; second++) {
      if (!fits(first, second)) continue;
      const owner = owners.get(second);
      if (owner !== undefined && owner < first) continue;
      owners.delete(had);
      owners.set(second, first);
      given[first] = second;
      if (owner === undefined || give(owner, first + 1, new Set([second]))) return;
      owners.set(had, first);
      owners.set(second, owner);
      given[first] = had;
    }
  }
}
