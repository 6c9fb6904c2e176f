/**
 * A Markdown text to a Document: front matter, and the code blocks that are examples (format guide, sections 1 to 3).
 * All mistakes of a document are found in one pass and thrown together.
 *
 * Non-goals: what a line means (match/pattern.ts), where the target is and what the names stand for (plan/).
 */
import { DocumentErrors, WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import { type Block, isBlank } from "./block.ts";
import { MOST_MISTAKES, readFrontMatter } from "./front-matter.ts";
import { normalize, readBlocks } from "./markdown.ts";
import type { Attributes, Document, Example, Settings } from "./model.ts";
import { type ProseBlock, promptWarning, proseWarnings } from "./near-misses.ts";
import { type DialectNames, readAttribute, SettingError } from "./settings.ts";
import { hasClientLine, type Markers, readTranscript } from "./transcript.ts";

export interface ParseOptions {
  /** The document's name in every report. */
  readonly path: string;
  readonly dialects: DialectNames;
  /** Settings for what the front matter leaves open (the config file's `defaults`). */
  readonly defaults?: Settings;
  /** Whether a target is known from outside (`--target`, the config file), so that fences without a language are examples. */
  readonly targetKnown?: boolean;
}

/** A document, and its mistakes: what can be read is there all the same. */
export interface Parsed {
  readonly document: Document;
  readonly errors: readonly WiredocError[];
}

/** Languages that mark an example only where a target is known. */
const NEUTRAL = new Set(["", "text", "console"]);
const ATTRIBUTE = /([A-Za-z][A-Za-z0-9_-]*)(?:(=)(?!["'])(\S*))?/y;

/** An attribute at a place of an info string, up to white space or the end; undefined where there is none. */
function attributeAt(info: string, at: number): { name: string; value: string | undefined; end: number } | undefined {
  ATTRIBUTE.lastIndex = at;
  const match = ATTRIBUTE.exec(info);
  if (!match) return undefined;
  const [whole, name = "", equals, plain] = match;
  let end = at + whole.length;
  let value = equals === undefined ? undefined : plain;
  const quote = info[end + 1];
  if (equals === undefined && info[end] === "=" && (quote === '"' || quote === "'")) {
    const close = closingQuote(info, end + 2, quote);
    if (close < 0) return undefined;
    value = info.slice(end + 2, close);
    if (quote === '"') value = value.replaceAll(/\\(.)/g, "$1");
    end = close + 1;
  }
  return end === info.length || /\s/.test(info[end]!) ? { name, value, end } : undefined;
}

function closingQuote(info: string, from: number, quote: string): number {
  for (let at = from; at < info.length; at++) {
    if (info[at] === quote) return at;
    if (quote === '"' && info[at] === "\\") at++;
  }
  return -1;
}

interface PendingAttributes {
  readonly attributes: Attributes;
  readonly spans: Readonly<Record<string, Span>>;
  readonly span: Span;
}

/** Reads a document. @throws {DocumentErrors} */
export function parseDocument(text: string, options: ParseOptions): Document {
  const { document, errors } = parseTolerantly(text, options);
  if (errors.length > 0) throw new DocumentErrors(errors);
  return document;
}

/** Reads a document and lists its mistakes, in the order of its lines. */
export function parseTolerantly(text: string, options: ParseOptions): Parsed {
  const { path: file, dialects } = options;
  const errors: WiredocError[] = [];
  const report = (error: WiredocError): void => void errors.push(error);
  const normalized = normalize(text);
  const lines = normalized.split("\n");
  const frontMatter = readFrontMatter(lines, file, dialects, report);
  const settings = withDefaults(frontMatter.settings, options.defaults ?? {});
  const markers: Markers = { client: settings.client, reply: settings.reply };
  const targetKnown = options.targetKnown === true || settings.target !== undefined || settings.server !== undefined;

  if (frontMatter.spans.target && frontMatter.spans.server)
    report(twoPlaces(later(frontMatter.spans.target, frontMatter.spans.server)));

  /** The languages of blocks that are played. */
  const known: ReadonlySet<string> = new Set(["wire", ...dialects.names, ...(settings.blocks ?? [])]);
  const examples: Example[] = [];
  const prose: ProseBlock[] = [];
  const warnings: WiredocError[] = [];
  const headings: { readonly level: number; readonly text: string }[] = [];
  let pending: PendingAttributes | undefined;
  const dropPending = (): void => {
    if (pending)
      report(
        new WiredocError(
          "stray-attributes",
          "no example follows before the next heading that these attributes could be for",
          pending.span,
        ),
      );
    pending = undefined;
  };

  const readAttributes = (info: string, line: number, column: number): Omit<PendingAttributes, "span"> => {
    let attributes: Attributes = {};
    const spans: Record<string, Span> = {};
    let at = 0;
    let left = MOST_MISTAKES;
    while (at < info.length) {
      const space = /\s*/y;
      space.lastIndex = at;
      at += space.exec(info)![0].length;
      if (at >= info.length) break;
      const span = { file, line, column: column + at };
      if (left === 0) {
        report(new WiredocError("bad-value", "further attributes are not read; correct those before them first", span));
        break;
      }
      const attribute = attributeAt(info, at);
      if (!attribute) {
        report(
          new WiredocError(
            "bad-value",
            `"${info.slice(at, at + 30)}" is no attribute; write name, name=value or name="a value"`,
            span,
          ),
        );
        break;
      }
      at = attribute.end;
      const { name, value: raw } = attribute;
      if (Object.hasOwn(spans, name)) {
        report(new WiredocError("bad-value", `the attribute "${name}" is written twice; keep one of them`, span));
        left--;
        continue;
      }
      spans[name] = raw === undefined ? span : { ...span, column: span.column + name.length + 1 };
      try {
        const value = raw === undefined ? { value: true, source: "true" } : { value: raw, source: raw };
        attributes = readAttribute(attributes, name, value, dialects);
      } catch (error) {
        if (!(error instanceof SettingError)) throw error;
        left--;
        report(
          new WiredocError(
            error.code,
            error.code === "bad-value" && raw !== undefined ? `${name}: ${error.message}` : error.message,
            error.code === "unknown-attribute" ? span : spans[name],
          ),
        );
      }
    }
    return { attributes, spans };
  };

  /** Attributes with those of the comments above. Where they name a target or a server, neither is taken from there. */
  const withPending = ({ attributes, spans }: ReturnType<typeof readAttributes>): Attributes => {
    const { target, server } = spans;
    if (target && server) report(twoPlaces(later(target, server)));
    return { ...(target || server ? withoutPlace(pending?.attributes) : pending?.attributes), ...attributes };
  };

  const addExample = (
    block: Block & { kind: "code" | "comment" },
    language: string,
    rest: string,
    restColumn: number,
  ): void => {
    const span = { file, line: block.line, column: Math.max(1, block.infoColumn) };
    if (!block.closed) {
      report(
        new WiredocError(
          block.kind === "code" ? "unclosed-fence" : "unclosed-comment",
          block.kind === "code" ? "this fence has no closing line" : 'this comment has no "-->"',
          span,
        ),
      );
    }
    const own = readAttributes(rest, block.line, restColumn);
    const attributes = withPending(own);
    if (block.closed && attributes.skip === undefined && block.lines.every(({ text }) => isBlank(text)))
      report(
        new WiredocError(
          "bad-example",
          "this example has no line; write what the client sends (>>> ) and what the server answers, or remove the block",
          span,
        ),
      );
    const steps = readTranscript(block.lines, markers, file, report);
    const warning = promptWarning(block.lines, steps, markers, file);
    if (warning) warnings.push(warning);
    const example: Example = {
      headings: headings.map((heading) => heading.text),
      line: block.line,
      lastLine: lastLineOf(block),
      language: dialects.names.includes(language) ? language : "",
      attributes,
      attributeSpans: { ...pending?.spans, ...own.spans },
      steps,
    };
    pending = undefined;
    examples.push(example);
  };

  for (const block of readBlocks(lines, frontMatter.lines)) {
    switch (block.kind) {
      case "heading":
        dropPending();
        while (headings.length > 0 && headings.at(-1)!.level >= block.level) headings.pop();
        headings.push(block);
        break;
      case "code": {
        const info = block.info ?? "indented";
        const language = /^\S*/.exec(info)![0];
        const written = block.info === undefined ? undefined : language;
        if (mayBeExample(written) && (language === "wire" || hasClientLine(block.lines, markers))) {
          const rest = block.info === undefined ? "" : info.slice(language.length);
          addExample(block, language, rest, block.infoColumn + language.length);
        } else if (!mayBeExample(written) && hasClientLine(block.lines, markers))
          prose.push({ language: written, line: block.line, column: block.infoColumn });
        break;
      }
      case "comment":
        if (block.lines.some((line) => line.text.trim() !== "") || !block.closed)
          addExample(block, "", block.info, block.infoColumn);
        else {
          const { attributes, spans } = readAttributes(block.info, block.line, block.infoColumn);
          const span = { file, line: block.line, column: block.infoColumn };
          pending = {
            attributes: withPending({ attributes, spans }),
            spans: { ...pending?.spans, ...spans },
            span,
          };
        }
        break;
      default:
        block satisfies never;
    }
  }
  dropPending();

  function mayBeExample(language: string | undefined): boolean {
    if (language === undefined) return settings.blocks?.includes("indented") === true;
    return known.has(language) || (targetKnown && NEUTRAL.has(language));
  }

  const isOurs = examples.length > 0 || ["target", "server", "client"].some((key) => frontMatter.spans[key]);
  for (const warning of proseWarnings(prose, { file, languages: [...known], isOurs })) warnings.push(warning);
  sortByPlace(errors);
  sortByPlace(warnings);
  return { document: { path: file, settings, settingSpans: frontMatter.spans, examples, warnings }, errors };
}

/** Sorts mistakes by the places where they stand. */
export const sortByPlace = (errors: WiredocError[]): void => {
  errors.sort((a, b) => (a.span?.line ?? 0) - (b.span?.line ?? 0) || (a.span?.column ?? 0) - (b.span?.column ?? 0));
};

function lastLineOf({ line, lines, ...block }: Block & { kind: "code" | "comment" }): number {
  const last = lines.at(-1)?.line ?? line;
  const hasClosingLine = block.closed && !(block.kind === "code" && block.info === undefined);
  return hasClosingLine ? last + 1 : last;
}

const later = (a: Span, b: Span): Span => (a.line > b.line || (a.line === b.line && a.column > b.column) ? a : b);

const twoPlaces = (span: Span): WiredocError =>
  new WiredocError("bad-value", '"target" and "server" both say where to connect; keep one of them', span);

function withoutPlace(attributes: Attributes = {}): Attributes {
  const { target: _target, server: _server, ...others } = attributes;
  return others;
}

/** A document that names its target or its server has no other from the defaults. */
function withDefaults(own: Settings, defaults: Settings): Settings {
  const options = { ...defaults.options, ...own.options };
  const merged = { ...defaults, ...own, ...(Object.keys(options).length > 0 && { options }) };
  if (own.target === undefined && own.server === undefined) return merged;
  const { target: _target, server: _server, ...others } = merged;
  const { target, server } = own;
  return { ...others, ...(target !== undefined && { target }), ...(server !== undefined && { server }) };
}
