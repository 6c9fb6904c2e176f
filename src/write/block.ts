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

/**
 * Where a fence stands on its line. A line of its block that begins further to the left loses white space up to there.
 * @param first as for {@link blockEndOf}.
 */
export function fenceColumn(first: string): number {
  const found = FENCE.exec(first);
  return found ? widthOf(found[0].slice(0, -found[1]!.length)) : 0;
}

/** How wide a text is, with tab stops of four columns. */
export const widthOf = (text: string): number =>
  [...text].reduce((width, char) => (char === "\t" ? width + 4 - (width % 4) : width + 1), 0);

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
