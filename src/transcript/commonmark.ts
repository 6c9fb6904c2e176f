/**
 * Blocks as markdown-it finds them: CommonMark's structure by its block rules alone; inline rules run for headings that
 * hold markup. It is made when the first text comes that needs it (see markdown.ts).
 */
import { loadMarkdownIt } from "../base/packages.ts";
import type { Block } from "./block.ts";
import { commentsOf } from "./comments.ts";
import { contentLines, place, prefixOf } from "./content.ts";

type Parser = ReturnType<typeof createParser>;
type Token = ReturnType<Parser["parse"]>[number];

let parser: Parser | undefined;

function createParser() {
  const created = loadMarkdownIt()("commonmark");
  // Below this depth of lists the parser skips the rest of the text. Real texts stay above it; its own limit is 20.
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
  /** Whether the last block has no end within the stretch: a fence or a comment that may go on after it. */
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
      const line = source[start]!;
      const closed = next - start === content.length + 2;
      blocks.push({
        kind: "code",
        info,
        infoColumn: line.trimEnd().length - info.length + 1,
        extent: {
          from: start + 1,
          to: start + content.length + (closed ? 2 : 1),
          prefix: prefixOf(line, line.slice(line.indexOf(token.markup))),
        },
        lines: place(content, start + 1, source),
        closed,
      });
    } else if (token.type === "code_block") {
      const content = contentLines(token.content);
      blocks.push({
        kind: "code",
        info: undefined,
        infoColumn: 1,
        extent: { from: start + 1, to: start + content.length, prefix: prefixOf(source[start]!, content[0] ?? "") },
        lines: place(content, start, source),
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
