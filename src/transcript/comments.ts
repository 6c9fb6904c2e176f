/** The HTML comments that begin with the word `wire`: attributes, or a transcript that readers do not see. */
import { type CommentBlock, isBlank } from "./block.ts";
import { place, prefixOf } from "./content.ts";

/** Comments do not nest: each ends at the first `-->`, or with the text. */
const COMMENT = /<!--(?:[ \t]*wire(?=\s|-->))?/g;

/** The comments of a block of HTML, whose content begins on the line with the index `start`. */
export function commentsOf(content: string, start: number, source: readonly string[]): readonly CommentBlock[] {
  const comments: CommentBlock[] = [];
  let line = start;
  let lineStart = 0;
  let counted = 0;
  COMMENT.lastIndex = 0;
  for (let match = COMMENT.exec(content); match; match = COMMENT.exec(content)) {
    const begin = match.index + match[0].length;
    const end = content.indexOf("-->", begin);
    COMMENT.lastIndex = end < 0 ? content.length : end;
    if (match[0] === "<!--") continue;
    for (; counted < match.index; counted++) {
      if (content[counted] !== "\n") continue;
      line++;
      lineStart = counted + 1;
    }
    comments.push(readComment({ content, begin, end, line, lineStart }, source));
  }
  return comments;
}

interface Found {
  readonly content: string;
  /** After the word `wire`, and before `-->`, which may be missing: -1. */
  readonly begin: number;
  readonly end: number;
  /** The index of its first line in the file, and where that line's content begins. */
  readonly line: number;
  readonly lineStart: number;
}

function readComment({ content, begin, end, line, lineStart }: Found, source: readonly string[]): CommentBlock {
  const closed = end >= 0;
  const [first = "", ...whole] = content.slice(begin, endOfLine(content, closed ? end : content.length)).split("\n");
  if (!closed && whole.at(-1) === "") whole.pop();
  const lines = [...place(whole, line + 1, source)];
  const last = lines.at(-1);
  if (closed && last) {
    // Text before the end of the comment is a line of it.
    const text = content.slice(content.lastIndexOf("\n", end) + 1, end).trimEnd();
    if (isBlank(text)) lines.pop();
    else lines[lines.length - 1] = { ...last, text };
  }
  const info = (closed && whole.length === 0 ? content.slice(begin, end) : first).trim();
  return {
    kind: "comment",
    info,
    infoColumn: Math.max(1, (source[line] ?? "").indexOf(info, begin - lineStart) + 1),
    extent: {
      from: line + 1,
      to: line + 1 + whole.length,
      prefix: prefixOf(source[line] ?? "", content.slice(lineStart, endOfLine(content, lineStart))),
    },
    lines,
    closed,
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}
