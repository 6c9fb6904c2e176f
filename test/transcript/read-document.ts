import type { WiredocError } from "../../src/base/error.ts";
import type { Document } from "../../src/transcript/model.ts";
import { DocumentReader, type ParseOptions } from "../../src/transcript/parse.ts";

/** Reads a document as far as it can be read, and its mistakes. */
export function readDocument(
  text: string,
  options: Partial<ParseOptions> = {},
): { readonly document: Document; readonly errors: readonly WiredocError[] } {
  const reader = new DocumentReader(text, { path: "a.md", dialects: { names: [], options: {} }, ...options });
  const examples = [...reader.examples()];
  const warnings = reader.end();
  return { document: { ...reader.head, examples, warnings }, errors: reader.errors };
}
