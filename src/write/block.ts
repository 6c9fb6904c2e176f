/** Which lines of a block would end it, so that they are written in another way. */

/** What ends a block: a fence of these marks or more, the end of its comment, or nothing that a line could say. */
export type BlockEnd =
  | { readonly kind: "fence"; readonly marks: string }
  | { readonly kind: "comment" }
  | { readonly kind: "none" };

const FENCE = /^[ \t>+*\d.)-]*?(`{3,}|~{3,})/;

/** @param first the block's first line in the file, with the marks of lists and quotes. */
export function blockEndOf(first: string): BlockEnd {
  const marks = FENCE.exec(first)?.[1];
  if (marks !== undefined) return { kind: "fence", marks };
  return { kind: first.includes("<!--") ? "comment" : "none" };
}

export function endsBlock(text: string, end: BlockEnd): boolean {
  switch (end.kind) {
    case "fence":
      // After a quote mark a tab may be no more than a space.
      return text.includes(end.marks) && /^[ \t]{0,3}(?:`+|~+)[ \t]*$/.test(text);
    case "comment":
      return text.includes("-->");
    case "none":
      return false;
    default:
      return end satisfies never;
  }
}
