/**
 * Hides the values of secrets (`--secret NAME`) in what is told: as they are, in base64 and as a document writes them.
 */
import { encodeText, escapeInvisible, writeBytes } from "../base/bytes.ts";

const MASK = "***";

export class SecretMask {
  readonly #values = new Set<string>();

  /** A value to hide from now on. */
  add(value: string): void {
    if (value === "") return;
    this.#values.add(value);
    this.#values.add(Buffer.from(value, "utf8").toString("base64"));
    // As (esc) and (hex) lines write it.
    this.#values.add(escapeInvisible(value.replaceAll("\\", "\\\\")));
    const bytes = writeBytes(encodeText(value));
    this.#values.add(bytes);
    this.#values.add(bytes.replaceAll(" ", ""));
  }

  /** An event, or what else of plain objects, with its texts masked. */
  hide<T>(told: T): T {
    if (this.#values.size === 0) return told;
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    const hideIn = (value: unknown): unknown => {
      if (typeof value === "string") return values.reduce((text, secret) => text.replaceAll(secret, MASK), value);
      if (Array.isArray(value)) return value.map(hideIn);
      if (typeof value !== "object" || value === null) return value;
      const plain = "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value;
      return Object.fromEntries(
        Object.entries(plain).map(([key, one]) => [key, key === "kind" || key === "status" ? one : hideIn(one)]),
      );
    };
    return hideIn(told) as T;
  }
}
