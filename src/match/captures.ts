/** What a reply captured so far, and what its names stand for. */
import type { ByteString } from "../base/bytes.ts";
import type { Placeholder } from "./parts.ts";
import { FILTERS, type Scope } from "./variables.ts";

/** The latest one, with those before it: a list, because several tries of a reply share their beginnings. */
export interface Captured {
  readonly name: string;
  readonly value: ByteString;
  readonly before: Captured | undefined;
}

export const NOTHING_CAPTURED: Captured = { name: "", value: "", before: undefined };

export const capture = (captured: Captured, name: string, value: ByteString): Captured =>
  name === "_" ? captured : { name, value, before: captured };

const NO_VALUES: ReadonlyMap<string, ByteString> = new Map();

export function capturedMap(captured: Captured): ReadonlyMap<string, ByteString> {
  if (captured === NOTHING_CAPTURED) return NO_VALUES;
  const map = new Map<string, ByteString>();
  for (let at: Captured | undefined = captured; at?.before; at = at.before)
    if (!map.has(at.name)) map.set(at.name, at.value);
  return map;
}

export function lookUp(name: string, scope: Scope, captured: Captured): ByteString | undefined {
  if (name === "_") return undefined;
  for (let at: Captured | undefined = captured; at?.before; at = at.before) if (at.name === name) return at.value;
  return scope.get(name);
}

/** The bytes a placeholder stands for, its filter applied; undefined where its name is free. */
export function boundValue(placeholder: Placeholder, scope: Scope, captured: Captured): ByteString | undefined {
  const value = lookUp(placeholder.name, scope, captured);
  return value === undefined || placeholder.filter === undefined ? value : FILTERS[placeholder.filter](value);
}
