import type { ByteString } from "../base/bytes.ts";
import { toBytes } from "../base/bytes.ts";

/** Where names have their values: variables, captures, `env.NAME`, `connection.name`. */
export interface Scope {
  /** The bytes of a name's value; undefined where nothing binds it (yet). */
  get(name: string): ByteString | undefined;
  /** Where that value comes from, in the words of a report: "bound at line 13"; undefined where that says nothing. */
  origin?(name: string): string | undefined;
}

/** What `{{name|filter}}` makes of a value. */
export const FILTERS = {
  length: (value: ByteString): ByteString => String(value.length),
  base64: (value: ByteString): ByteString => Buffer.from(value, "latin1").toString("base64"),
  // Loaded at its first use: most runs never need it.
  md5: (value: ByteString): ByteString =>
    process.getBuiltinModule("node:crypto").createHash("md5").update(toBytes(value)).digest("hex"),
} as const;

export type Filter = keyof typeof FILTERS;

/** A scope in which what is captured hides nothing of the scope below. */
export class CaptureScope implements Scope {
  readonly #below: Scope;
  readonly captured: Map<string, ByteString> = new Map<string, ByteString>();

  constructor(below: Scope) {
    this.#below = below;
  }

  get(name: string): ByteString | undefined {
    return this.#below.get(name) ?? this.captured.get(name);
  }

  origin(name: string): string | undefined {
    return this.#below.origin?.(name);
  }
}

/** A scope with one more name. */
export const scopeWith = (scope: Scope, name: string, value: ByteString): Scope => ({
  get: (one) => (one === name ? value : scope.get(one)),
  origin: (one) => scope.origin?.(one),
});
