/**
 * Blocks as markdown-it finds them: CommonMark's structure by its block rules alone; inline rules run for headings that
 * hold markup. It is made when the first text comes that needs it (see markdown.ts).
 */
import { loadMarkdownIt } from "../base/packages.ts";
import type { Block, BlockLine } from "./block.ts";

type Parser = ReturnType<typeof createParser>;
type Token = ReturnType<Parser["parse"]>[number];

let parser: Parser | undefined;

function createParser() {
  const created = loadMarkdownIt()("commonmark");
  // Where lists lie deeper than this, the parser passes over the rest of the text. Nobody's do; its own limit is 20.
  created.set({ maxNesting: 100 });
  // Prose is passed over: a paragraph ends where markdown-it's own rule ends it, and leaves no tokens behind.
  created.block.ruler.at("paragraph", (state, startLine, endLine) => {
    const before = state.parentType;
    state.parentType = "paragraph";
    const endsParagraph = state.md.block.ruler.getRules("paragraph");
    const goesOn = (line: number): boolean => {
      // Deeper than code is indented, or the lazy continuation of a quote: nothing begins there.
      if (state.sCount[line]! - state.blkIndent > 3 || state.sCount[line]! < 0) return true;
      return !endsParagraph.some((rule) => rule(state, line, endLine, true));
    };
    let line = startLine + 1;
    while (line < endLine && !state.isEmpty(line) && goesOn(line)) line++;
    state.line = line;
    state.parentType = before;
    return true;
  });
  return created;
}

/** The blocks of a stretch of lines that begins and ends between blocks. */
export interface Stretch {
  readonly blocks: readonly Block[];
  /** Whether the last block has no end within the stretch: a fence or a comment that may go on behind it. */
  readonly isOpen: boolean;
}

/** Reads the lines from `first` on, up to `end`, as if nothing else were there. */
export function readStretch(source: readonly string[], first: number, end: number): Stretch {
  parser ??= createParser();
  const tokens: Token[] = [];
  const text = source.slice(first, end).join("\n");
  parser.block.parse(end < source.length ? `${text}\n` : text, parser, {}, tokens);
  const blocks: Block[] = [];
  let isOpen = false;
  for (const [i, token] of tokens.entries()) {
    const start = first + (token.map?.[0] ?? 0);
    const next = first + (token.map?.[1] ?? 0);
    if (token.type === "heading_open") {
      const text = plainText(parser, tokens[i + 1]?.content ?? "");
      blocks.push({ kind: "heading", level: Number(token.tag.slice(1)), text, line: start + 1 });
    } else if (token.type === "fence") {
      const content = contentLines(token.content);
      const info = token.info.trim();
      blocks.push({
        kind: "code",
        info,
        infoColumn: source[start]!.trimEnd().length - info.length + 1,
        line: start + 1,
        lines: place(content, start + 1, source),
        closed: next - start === content.length + 2,
      });
    } else if (token.type === "code_block") {
      blocks.push({
        kind: "code",
        info: undefined,
        infoColumn: 1,
        line: start + 1,
        lines: place(contentLines(token.content), start, source),
        closed: true,
      });
    } else if (token.type === "html_block") {
      for (const comment of commentsOf(token.content, start, source)) blocks.push(comment);
    }
    if (token.level === 0 && (token.type === "fence" || token.type === "html_block")) isOpen = next >= end;
  }
  return { blocks, isOpen };
}

function plainText(parser: Parser, heading: string): string {
  if (!/[`*_[\]<>&\\!\n]/.test(heading)) return heading;
  const children = parser.parseInline(heading, {})[0]?.children ?? [];
  return children.map(({ type, content }) => (type === "softbreak" ? " " : content)).join("");
}

function contentLines(content: string): readonly string[] {
  const lines = content.split("\n");
  return content === "" || content.endsWith("\n") ? lines.slice(0, -1) : lines;
}

/** Puts content back where it stands: each line of it is the end of a line of the file. */
function place(content: readonly string[], first: number, source: readonly string[]): readonly BlockLine[] {
  return content.map((text, i) => {
    const whole = source[first + i] ?? "";
    return {
      text,
      line: first + i + 1,
      column: whole.endsWith(text) ? whole.length - text.length + 1 : 1,
      marked: false,
    };
  });
}

/** Comments do not nest: each ends at the first `-->`, or with the text. */
const COMMENT = /<!--(?:[ \t]*wire(?=\s|-->))?/g;

function commentsOf(content: string, start: number, source: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let line = start;
  let lineStart = 0;
  let counted = 0;
  COMMENT.lastIndex = 0;
  for (let match = COMMENT.exec(content); match; match = COMMENT.exec(content)) {
    const begin = match.index + match[0].length;
    const end = content.indexOf("-->", begin);
    const closed = end >= 0;
    COMMENT.lastIndex = closed ? end : content.length;
    if (match[0] === "<!--") continue;
    for (; counted < match.index; counted++) {
      if (content[counted] !== "\n") continue;
      line++;
      lineStart = counted + 1;
    }
    const [first = "", ...rest] = contentLines(content.slice(begin, closed ? end : undefined));
    // The line that ends the comment is not a line of the transcript, unless something stands before the end.
    const last = rest.at(-1)?.trimEnd();
    if (closed && last === "") rest.pop();
    else if (closed && last !== undefined) rest[rest.length - 1] = last;
    const info = first.trim();
    blocks.push({
      kind: "comment",
      info,
      infoColumn: Math.max(1, (source[line] ?? "").indexOf(info, begin - lineStart) + 1),
      line: line + 1,
      lines: place(rest, line + 1, source),
      closed,
    });
  }
  return blocks;
}
