/**
 * Markdown to the parts of it that matter here: headings, code blocks and HTML comments, each with its place.
 *
 * Most lines of a document are prose, and need no parser: where none of the lines between two places could begin such a
 * part, no reading of them would find one. They are passed over here, headings and fences at the margin are read, and
 * markdown-it is given what is left, a stretch at a time. So a parser is seldom loaded at all (5 ms), and a large
 * document is read ten times as fast. A test compares the result with what markdown-it finds in the whole text.
 */
import { type Block, type BlockLine, type CodeBlock, isBlank } from "./block.ts";
import { readStretch } from "./commonmark.ts";

/** A text in which every line ends with LF, without a byte order mark. */
export function normalize(text: string): string {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  return body.includes("\r") ? body.replace(/\r\n?/g, "\n") : body;
}

/**
 * A line that is prose in whatever containers it stands: at most three of their markers, then text that no heading, fence,
 * underline or HTML begins with. It has no four spaces, so it is not code, and its text shows that it is not an underline.
 */
const PROSE =
  /^ {0,3}(?:(?:[-+*>]|\d{1,9}[.)]) {0,3}){0,3}(?:[A-Za-z!"$%&'(),./:;?@[\\\]^{|}\x80-\uffff]|`(?!`)|\d+(?![\d.)])|_(?=[^\s_]))/;
/** A heading whose text is what is written. */
const PLAIN_HEADING =
  /^(#{1,6}) +([^\x00- #`*_[\]<>&\\!\x7f](?:[^\x00-\x1f`*_[\]<>&\\!\x7f]*[^\x00- #`*_[\]<>&\\!\x7f])?)$/;
const HEADING = /^#{1,6}(?:[ \t]|$)/;
const FENCE = /^(`{3,}(?!`)(?!.*`)|~{3,})/s;
const CLOSING_FENCE = /^ {0,3}(?:`+|~+)[ \t]*$/;

/** Whether a block that begins with this line after a blank one stands in no list: it is at the margin and no item. */
const isOutside = (line: string): boolean => /^[^ \t\d+*-]/.test(line);

function isLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90);
}

/** The blocks of a normalised text's lines, one after the other; `skip` lines at its start are front matter. */
export function* readBlocks(source: readonly string[], skip: number): Generator<Block, void, undefined> {
  /** Before this line no block is open, and since then all was prose. */
  let clean = skip;
  let afterBlank = true;
  for (let i = skip; i < source.length; i++) {
    const line = source[i]!;
    if (isBlank(line)) {
      afterBlank = true;
      continue;
    }
    if (afterBlank && isOutside(line)) clean = i;
    afterBlank = false;
    if (isLetter(line.charCodeAt(0)) || PROSE.test(line)) continue;
    const [, marks, text] = PLAIN_HEADING.exec(line) ?? [];
    if (marks !== undefined && text !== undefined) yield { kind: "heading", level: marks.length, text, line: i + 1 };
    else if (HEADING.test(line)) yield* readStretch(source, i, i + 1).blocks;
    else if (FENCE.test(line)) {
      const fence = readFence(source, i);
      yield fence;
      i += fence.lines.length + (fence.closed ? 1 : 0);
    } else {
      const { found, end } = readUnknown(source, clean, i);
      yield* found;
      i = end - 1;
    }
    clean = i + 1;
  }
}

/** A fence at the margin. */
function readFence(source: readonly string[], start: number): CodeBlock {
  const line = source[start]!;
  const marks = FENCE.exec(line)![0];
  const info = line.slice(marks.length).trim();
  const lines: BlockLine[] = [];
  let end = start + 1;
  for (; end < source.length; end++) {
    const text = source[end]!;
    if (text.includes(marks) && CLOSING_FENCE.test(text)) break;
    lines.push({ text, line: end + 1, column: 1, marked: false });
  }
  const closed = end < source.length;
  // What follows the last line ending is a line only if it says something.
  if (!closed && lines.length > 0 && isBlank(lines.at(-1)!.text)) {
    lines.pop();
    end--;
  }
  return {
    kind: "code",
    info,
    infoColumn: line.trimEnd().length - info.length + 1,
    extent: { from: start + 1, to: closed ? end + 1 : end, prefix: "" },
    lines,
    closed,
  };
}

/**
 * Leaves the lines from `first` on to markdown-it, up to a line after `line` at which every list and quote has ended. A
 * fence or comment may still be open there; then it gets twice as many of such parts, until none is.
 */
function readUnknown(
  source: readonly string[],
  first: number,
  line: number,
): { readonly found: readonly Block[]; readonly end: number } {
  let end = line;
  for (let parts = 1; ; parts *= 2) {
    for (let part = 0; part < parts && end < source.length; part++) end = nextOutside(source, end);
    const { blocks, isOpen } = readStretch(source, first, end);
    if (!isOpen || end >= source.length) return { found: blocks, end };
  }
}

function nextOutside(source: readonly string[], from: number): number {
  let line = from + 1;
  while (line < source.length && !(isBlank(source[line - 1]!) && isOutside(source[line]!))) line++;
  return Math.min(line, source.length);
}
