/**
 * Markdown to the parts of it that matter here: headings, code blocks and HTML comments, each with its place. The block
 * structure is CommonMark's (markdown-it's block rules alone); inline rules run for headings that hold markup.
 */
import MarkdownIt from "markdown-it";

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

const markdown = new MarkdownIt("commonmark");
type Token = ReturnType<typeof markdown.parse>[number];

/** Prose is passed over: a paragraph ends where markdown-it's own rule ends it, and leaves no tokens behind. */
markdown.block.ruler.at("paragraph", (state, startLine, endLine) => {
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

/** A text in which every line ends with LF, without a byte order mark. */
export function normalize(text: string): string {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  return body.includes("\r") ? body.replace(/\r\n?/g, "\n") : body;
}

/** The blocks of a normalised text and its lines; `skip` lines at its start are front matter and count as blank. */
export function readBlocks(text: string, source: readonly string[], skip: number): readonly Block[] {
  let start = 0;
  for (let i = 0; i < skip; i++) start += source[i]!.length + 1;
  const tokens: Token[] = [];
  markdown.block.parse("\n".repeat(skip) + text.slice(start), markdown, {}, tokens);
  const blocks: Block[] = [];
  for (const [i, token] of tokens.entries()) {
    const start = token.map?.[0] ?? 0;
    if (token.type === "heading_open") {
      blocks.push({
        kind: "heading",
        level: Number(token.tag.slice(1)),
        text: plainText(tokens[i + 1]?.content ?? ""),
        line: start + 1,
      });
    } else if (token.type === "fence") {
      const content = contentLines(token.content);
      const info = token.info.trim();
      blocks.push({
        kind: "code",
        info,
        infoColumn: source[start]!.trimEnd().length - info.length + 1,
        line: start + 1,
        lines: place(content, start + 1, source),
        closed: (token.map?.[1] ?? 0) - start === content.length + 2,
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
    } else if (token.type === "html_block") blocks.push(...commentsOf(token.content, start, source));
  }
  return blocks;
}

function plainText(heading: string): string {
  if (!/[`*_[\]<>&\\!]/.test(heading)) return heading;
  const children = markdown.parseInline(heading, {})[0]?.children ?? [];
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

const COMMENT = /<!--[ \t]*wire(?=\s|-->)/g;

function commentsOf(content: string, start: number, source: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const match of content.matchAll(COMMENT)) {
    const line = start + content.slice(0, match.index).split("\n").length - 1;
    const begin = match.index + match[0].length;
    const end = content.indexOf("-->", begin);
    const closed = end >= 0;
    const [first = "", ...rest] = contentLines(content.slice(begin, closed ? end : undefined));
    // The line that ends the comment is not a line of the transcript, unless something stands before the end.
    if (closed && rest.at(-1)?.trim() === "") rest.pop();
    const info = first.trim();
    blocks.push({
      kind: "comment",
      info,
      infoColumn: Math.max(1, (source[line] ?? "").indexOf(info, (source[line] ?? "").indexOf("wire") + 4) + 1),
      line: line + 1,
      lines: place(rest, line + 1, source),
      closed,
    });
  }
  return blocks;
}
