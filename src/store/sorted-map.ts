/**
 * A map from names to values, in the order of the names, that is never changed: what inserts or removes gives another
 * one, which shares all but a few branches with the first. The n-th entry is found by the sizes of the branches.
 *
 * A weight-balanced tree (Nievergelt and Reingold) with the parameters that Hirai and Yamamoto proved right, 3 and 2.
 */
export interface SortedMap<V> {
  readonly name: string;
  readonly value: V;
  readonly size: number;
  readonly left: SortedMap<V> | undefined;
  readonly right: SortedMap<V> | undefined;
}

type Maybe<V> = SortedMap<V> | undefined;

/** How much heavier one side may be than the other. */
const DELTA = 3;
/** From which share of its inner branch on a heavy side is rotated twice. */
const GAMMA = 2;

export const sizeOf = (map: Maybe<unknown>): number => (map === undefined ? 0 : map.size);
const weightOf = (map: Maybe<unknown>): number => sizeOf(map) + 1;

export function find<V>(map: Maybe<V>, name: string): V | undefined {
  let at = map;
  while (at !== undefined) {
    if (name === at.name) return at.value;
    at = name < at.name ? at.left : at.right;
  }
  return undefined;
}

/** The entry with this place in the order, counted from 0. */
export function entryAt<V>(map: Maybe<V>, index: number): Maybe<V> {
  let at = map;
  let left = index;
  while (at !== undefined) {
    const before = sizeOf(at.left);
    if (left === before) return at;
    if (left < before) {
      at = at.left;
    } else {
      left -= before + 1;
      at = at.right;
    }
  }
  return undefined;
}

/** With the value under the name, in place of one that is there. */
export function insert<V>(map: Maybe<V>, name: string, value: V): SortedMap<V> {
  if (map === undefined) return { name, value, size: 1, left: undefined, right: undefined };
  if (name === map.name) return { name: map.name, value, size: map.size, left: map.left, right: map.right };
  return name < map.name
    ? balance(map, insert(map.left, name, value), map.right)
    : balance(map, map.left, insert(map.right, name, value));
}

/** Without the name. */
export function remove<V>(map: Maybe<V>, name: string): Maybe<V> {
  if (map === undefined) return undefined;
  if (name < map.name) return balance(map, remove(map.left, name), map.right);
  if (name > map.name) return balance(map, map.left, remove(map.right, name));
  if (map.left === undefined || map.right === undefined) return map.left ?? map.right;
  const next = entryAt(map.right, 0)!;
  return balance(next, map.left, remove(map.right, next.name));
}

/** All entries from the first to the last. */
export function* entriesOf<V>(map: Maybe<V>): Generator<SortedMap<V>, void, undefined> {
  const path: SortedMap<V>[] = [];
  let at = map;
  while (at !== undefined || path.length > 0) {
    for (; at !== undefined; at = at.left) path.push(at);
    const entry = path.pop()!;
    yield entry;
    at = entry.right;
  }
}

const branch = <V>({ name, value }: SortedMap<V>, left: Maybe<V>, right: Maybe<V>): SortedMap<V> => ({
  name,
  value,
  size: sizeOf(left) + sizeOf(right) + 1,
  left,
  right,
});

function balance<V>(entry: SortedMap<V>, left: Maybe<V>, right: Maybe<V>): SortedMap<V> {
  if (right !== undefined && weightOf(right) > DELTA * weightOf(left)) {
    const inner = right.left;
    if (inner === undefined || weightOf(inner) < GAMMA * weightOf(right.right))
      return branch(right, branch(entry, left, inner), right.right);
    return branch(inner, branch(entry, left, inner.left), branch(right, inner.right, right.right));
  }
  if (left !== undefined && weightOf(left) > DELTA * weightOf(right)) {
    const inner = left.right;
    if (inner === undefined || weightOf(inner) < GAMMA * weightOf(left.left))
      return branch(left, left.left, branch(entry, inner, right));
    return branch(inner, branch(left, left.left, inner.left), branch(entry, inner.right, right));
  }
  return branch(entry, left, right);
}
