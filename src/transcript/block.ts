/** The parts of a Markdown text that matter here, each with its place. */

/** A line of a block's content, without the indentation of the list, quote or block that it stands in. */
export interface BlockLine {
  readonly text: string;
  /** In the file, from 1. */
  readonly line: number;
  readonly column: number;
  /** No line of a block has a marker before transcript.ts finds it. */
  readonly marked: false;
}

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string; readonly line: number }
  | {
      readonly kind: "code";
      /** The info string of a fence; undefined for an indented block. */
      readonly info: string | undefined;
      readonly infoColumn: number;
      readonly line: number;
      readonly lines: readonly BlockLine[];
      /** Whether the fence has its closing line. */
      readonly closed: boolean;
    }
  | {
      /** An HTML comment that begins with the word `wire`; `info` is what follows that on the line. */
      readonly kind: "comment";
      readonly info: string;
      readonly infoColumn: number;
      readonly line: number;
      readonly lines: readonly BlockLine[];
      readonly closed: boolean;
    };

/** What CommonMark calls a blank line: other white space is text. */
export const isBlank = (line: string): boolean => /^[ \t]*$/.test(line);
