/** The parts of a Markdown text that matter here, each with its place. */

/** A line of a block's content, without the indentation of the list, quote or block that it stands in. */
export interface BlockLine {
  readonly text: string;
  /** In the file, from 1. */
  readonly line: number;
  /** Where the text begins; after the tab where a tab before it stands for some of its spaces. */
  readonly column: number;
  /** No line of a block has a marker before markers.ts finds it. */
  readonly marked: false;
}

/** Where a block is in the file, so that its lines can be replaced there. */
export interface Extent {
  /** The first line that belongs to it, from 1: its fence, its comment's first line, or the first line of indented code. */
  readonly from: number;
  /** The last one: its closing fence, or the end of its comment. */
  readonly to: number;
  /**
   * What a further line of the block begins with: quote marks and the indentation of lists. The first line of indented
   * code may begin otherwise, with the mark of a list item.
   */
  readonly prefix: string;
}

export interface Heading {
  readonly kind: "heading";
  readonly level: number;
  readonly text: string;
  readonly line: number;
}

export interface CodeBlock {
  readonly kind: "code";
  /** The info string of a fence; undefined for an indented block. */
  readonly info: string | undefined;
  readonly infoColumn: number;
  readonly extent: Extent;
  readonly lines: readonly BlockLine[];
  /** Whether the fence has its closing line. */
  readonly closed: boolean;
}

/** An HTML comment that begins with the word `wire`; `info` is what follows that on the line. */
export interface CommentBlock {
  readonly kind: "comment";
  readonly info: string;
  readonly infoColumn: number;
  readonly extent: Extent;
  readonly lines: readonly BlockLine[];
  readonly closed: boolean;
}

export type Block = Heading | CodeBlock | CommentBlock;

/** What CommonMark calls a blank line: other white space is text. */
export function isBlank(line: string): boolean {
  const first = line[0];
  return first === undefined || ((first === " " || first === "\t") && /^[ \t]*$/.test(line));
}
