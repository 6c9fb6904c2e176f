import type { Change, Engine, Refusal } from "../../../src/store/engine.ts";
import type { Etcd } from "../../support/etcd.ts";

export const CLOBBER = -1;
export const never = (): AbortSignal => new AbortController().signal;
export const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A set that has to succeed. @returns its revision */
export async function put(engine: Engine, path: string, value = "x", revision = CLOBBER): Promise<number> {
  const result = await engine.set(path, bytes(value), revision);
  if (typeof result !== "number") throw new Error(`SET ${path} was refused: ${result}`);
  return result;
}

/** A change on one line: `7 set /a=text`. */
export const line = (change: Change | Refusal): string =>
  typeof change === "string"
    ? change
    : `${change.revision} ${change.kind} ${change.path}=${Buffer.from(change.value).toString()}`;

/** What a client sees that asks for every change from one revision to another, one after the other. */
export async function watchAll(engine: Engine, from: number, to: number, glob = "/**"): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let next = from; next <= to; ) {
    const change = await engine.wait(glob, next, never());
    seen.push(line(change));
    if (typeof change === "string") break;
    next = change.revision + 1;
  }
  return seen;
}

/** A call of etcd's own JSON gateway, as somebody else who uses the same etcd. Keys and values are to be `base64`. */
export async function gateway(endpoint: string, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${endpoint}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { connection: "close" },
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

export const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");

/** Resolves when what is compacted is gone. */
export const compact = (etcd: Etcd, revision: number, member = 0): Promise<unknown> =>
  gateway(etcd.endpoints[member]!, "kv/compaction", { revision: `${revision}`, physical: true });
