/** Which blocks of a document are examples (format guide, section 2), with their headings and attributes. */
import { WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import { type PlacedAttributes, readAttributes } from "./attributes.ts";
import { type Block, type CodeBlock, type CommentBlock, type Heading, isBlank } from "./block.ts";
import { hasClientLine, type Markers } from "./markers.ts";
import type { Attributes, Example, Settings } from "./model.ts";
import { type ProseBlock, promptWarning } from "./near-misses.ts";
import type { DialectNames } from "./settings.ts";
import { readSteps } from "./steps.ts";

export interface ExamplesContext {
  readonly file: string;
  readonly settings: Settings;
  readonly dialects: DialectNames;
  /** Whether a target is known, in the document or from outside, so that fences without a language are examples. */
  readonly targetKnown: boolean;
  readonly report: (error: WiredocError) => void;
}

/** Languages that mark an example only where a target is known. */
const NEUTRAL = new Set(["", "text", "console"]);

const NO_ATTRIBUTES: PlacedAttributes = { attributes: {}, spans: {} };

/** Takes the blocks of a document in their order. */
export class ExampleReader {
  hasExamples = false;
  /** Blocks with client lines that are not examples. */
  readonly prose: ProseBlock[] = [];
  readonly warnings: WiredocError[] = [];
  /** The languages of blocks that are examples wherever they stand. */
  readonly languages: ReadonlySet<string>;
  readonly #context: ExamplesContext;
  readonly #markers: Markers;
  /** Those above, outermost first. */
  readonly #headings: Heading[] = [];
  /** Of the comments above that are for the next example, and where the last of them stands. */
  #pending: (PlacedAttributes & { readonly span: Span }) | undefined;

  constructor(context: ExamplesContext) {
    this.#context = context;
    const { settings, dialects } = context;
    this.#markers = { client: settings.client, reply: settings.reply };
    this.languages = new Set(["wire", ...dialects.names, ...(settings.blocks ?? [])]);
  }

  /** @returns the example that the block is, if it is one. */
  add(block: Block): Example | undefined {
    switch (block.kind) {
      case "heading":
        this.#enterSection(block);
        return undefined;
      case "code":
        return this.#addCode(block);
      case "comment":
        if (!block.closed || block.lines.some((line) => line.text.trim() !== ""))
          return this.#addExample(block, "", block.info, block.infoColumn);
        this.#addPending(block);
        return undefined;
      default:
        return block satisfies never;
    }
  }

  /** After the last block. */
  end(): void {
    this.#dropPending();
  }

  #enterSection(heading: Heading): void {
    this.#dropPending();
    while (this.#headings.length > 0 && this.#headings.at(-1)!.level >= heading.level) this.#headings.pop();
    this.#headings.push(heading);
  }

  #addCode(block: CodeBlock): Example | undefined {
    const { info, infoColumn } = block;
    const language = info === undefined ? undefined : /^\S*/.exec(info)![0];
    const mayBeExample = this.#mayBeExample(language);
    const isExample = mayBeExample && (language === "wire" || hasClientLine(block.lines, this.#markers));
    if (isExample) {
      const { length } = language ?? "";
      return this.#addExample(block, language ?? "", info?.slice(length) ?? "", infoColumn + length);
    }
    if (!mayBeExample && hasClientLine(block.lines, this.#markers))
      this.prose.push({ language, line: block.extent.from, column: infoColumn });
    return undefined;
  }

  #mayBeExample(language: string | undefined): boolean {
    const { settings, targetKnown } = this.#context;
    if (language === undefined) return settings.blocks?.includes("indented") === true;
    return this.languages.has(language) || (targetKnown && NEUTRAL.has(language));
  }

  #addExample(block: CodeBlock | CommentBlock, language: string, info: string, infoColumn: number): Example {
    const { file, dialects, report } = this.#context;
    const { extent, lines } = block;
    const span = { file, line: extent.from, column: Math.max(1, block.infoColumn) };
    if (!block.closed) report(unclosed(block.kind, span));
    const { attributes, spans } = this.#readAttributes(info, extent.from, infoColumn);
    if (block.closed && attributes.skip === undefined && lines.every(({ text }) => isBlank(text)))
      report(
        new WiredocError(
          "bad-example",
          "this example has no line; write what the client sends (>>> ) and what the server answers, or remove the block",
          span,
        ),
      );
    const steps = readSteps(lines, this.#markers, file, report);
    const warning = promptWarning(lines, steps, this.#markers, file);
    if (warning) this.warnings.push(warning);
    this.hasExamples = true;
    this.#pending = undefined;
    return {
      headings: this.#headings.map(({ text }) => text),
      block: extent,
      language: dialects.names.includes(language) ? language : "",
      attributes,
      attributeSpans: spans,
      steps,
    };
  }

  #addPending({ info, infoColumn, extent }: CommentBlock): void {
    const span = { file: this.#context.file, line: extent.from, column: infoColumn };
    this.#pending = { ...this.#readAttributes(info, extent.from, infoColumn), span };
  }

  /** Attributes with those of the comments above. Where they name a target or a server, neither is taken from there. */
  #readAttributes(info: string, line: number, column: number): PlacedAttributes {
    if (info === "" && !this.#pending) return NO_ATTRIBUTES;
    const { file, dialects, report } = this.#context;
    const { attributes, spans } = readAttributes(info, { file, line, column }, dialects, report);
    const { target, server } = spans;
    if (target && server) report(targetAndServer(target, server));
    const above = target || server ? withoutTarget(this.#pending?.attributes) : this.#pending?.attributes;
    return { attributes: { ...above, ...attributes }, spans: { ...this.#pending?.spans, ...spans } };
  }

  #dropPending(): void {
    if (this.#pending)
      this.#context.report(
        new WiredocError(
          "stray-attributes",
          "no example follows these attributes before the next heading",
          this.#pending.span,
        ),
      );
    this.#pending = undefined;
  }
}

const unclosed = (kind: "code" | "comment", span: Span): WiredocError =>
  kind === "code"
    ? new WiredocError("unclosed-fence", "this fence has no closing line", span)
    : new WiredocError("unclosed-comment", 'this comment has no "-->"', span);

const later = (a: Span, b: Span): Span => (a.line > b.line || (a.line === b.line && a.column > b.column) ? a : b);

/** The mistake of a document or an example that names both, at the second of them. */
export const targetAndServer = (target: Span, server: Span): WiredocError =>
  new WiredocError(
    "bad-value",
    '"target" and "server" both say where to connect; keep one of them',
    later(target, server),
  );

function withoutTarget(attributes: Attributes = {}): Attributes {
  const { target: _target, server: _server, ...others } = attributes;
  return others;
}
