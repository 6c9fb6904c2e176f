/**
 * What a document most likely means otherwise than it is read (format guide, section 2): blocks that are prose although
 * they hold client lines, and reply lines that look like a client's.
 */
import { editDistance, WiredocError } from "../base/error.ts";
import type { BlockLine } from "./block.ts";
import { isMarked, type Markers } from "./markers.ts";
import type { Step } from "./model.ts";

/** A block that holds client lines and is not played. */
export interface ProseBlock {
  /** Undefined for an indented block. */
  readonly language: string | undefined;
  readonly line: number;
  readonly column: number;
}

export interface ProseContext {
  readonly file: string;
  /** `wire`, the dialects and the words of `blocks`. */
  readonly languages: readonly string[];
  /** Whether it is plain that the document is written for wiredoc: it has an example, or says where and how to play it. */
  readonly isOurs: boolean;
}

/** Languages in which `>>> ` means something else. */
const FOREIGN_LANGUAGES: ReadonlySet<string> = new Set(
  "python py python3 pycon ipython doctest markdown md mdx diff patch html xml rst".split(" "),
);

/** A warning for each language of the blocks that were probably meant to be played. */
export function proseWarnings(blocks: readonly ProseBlock[], context: ProseContext): readonly WiredocError[] {
  const byLanguage = new Map<string | undefined, ProseBlock[]>();
  for (const block of blocks) {
    const others = byLanguage.get(block.language);
    if (others) others.push(block);
    else byLanguage.set(block.language, [block]);
  }
  const warnings: WiredocError[] = [];
  for (const [language, [first, ...others]] of byLanguage) {
    const near = language === undefined ? undefined : nearest(language, context.languages);
    if (near === undefined && !(context.isOurs && !FOREIGN_LANGUAGES.has(language?.toLowerCase() ?? ""))) continue;
    const count = others.length === 0 ? "" : ` (and so are ${others.length} more with this language)`;
    const { line, column } = first!;
    warnings.push(
      new WiredocError(
        "unplayed-block",
        `this block has client lines but is not played${count}: ${whyProse(language, near)}`,
        { file: context.file, line, column },
      ),
    );
  }
  return warnings;
}

function whyProse(language: string | undefined, near: string | undefined): string {
  if (language === undefined)
    return 'it is indented code; write a fence with the language "wire", or set blocks: indented';
  if (near !== undefined) return `its language is "${short(language)}" (did you mean "${near}"?)`;
  if (language === "") return 'it has no language and the document names no target; write "wire" as its language';
  return `its language is "${short(language)}"; write "wire" in its place, or add the language to "blocks" in the front matter`;
}

const short = (language: string): string => (language.length > 40 ? `${language.slice(0, 40)}…` : language);

/** The language that was probably meant: rather one that is the same but for capitals. */
const nearest = (language: string, known: readonly string[]): string | undefined =>
  known.find((one) => one.toLowerCase() === language.toLowerCase()) ?? known.find((one) => isNear(language, one));

/**
 * Whether a language differs from a known one by capitals, by what follows its letters, or by one letter. In braces, as
 * Pandoc writes it, it is the same language.
 */
function isNear(language: string, known: string): boolean {
  const [found, wanted] = [language.toLowerCase().replace(/^\{\.?/, ""), known.toLowerCase()];
  if (found.startsWith(wanted) && !/^[a-z]/.test(found.slice(wanted.length))) return true;
  return Math.abs(found.length - wanted.length) <= 1 && editDistance(found, wanted) === 1;
}

const FOREIGN_PROMPT = /^(?:>> |\$ |C: |&gt;&gt;&gt;)/;
/** A line of which there may be something to say. */
const SUSPICIOUS = /^(?:\s|>> |\$ |C: |&)/;

/** A warning where lines of an example that are read as reply lines look like the client's. */
export function promptWarning(
  lines: readonly BlockLine[],
  steps: readonly Step[],
  markers: Markers,
  file: string,
): WiredocError | undefined {
  let isWithoutMarkers: boolean | undefined;
  for (let i = 0; i < lines.length; i++) {
    const { text, line, column } = lines[i]!;
    if (!SUSPICIOUS.test(text)) continue;
    if (/^\s/.test(text)) {
      const indented = text.trimStart();
      if (!isMarked(indented, markers) || isMarked(text, markers)) continue;
      const message = `this line is read as a reply line, because white space precedes its marker: the marker has to begin the line; if the server sends it like that, write "<<< " and then the line`;
      return new WiredocError("unmarked-line", message, { file, line, column });
    }
    if (!FOREIGN_PROMPT.test(text)) continue;
    isWithoutMarkers ??= !steps.some(hasMarker);
    if (!isWithoutMarkers || isMarked(text, markers)) continue;
    const message = `this line is read as a reply line, and the example has no client line: write ">>> " and then what the client sends, or set "client" in the front matter`;
    return new WiredocError("unmarked-line", message, { file, line, column });
  }
  return undefined;
}

const hasMarker = (step: Step): boolean =>
  step.kind === "control" || step.sends.length > 0 || step.expects.some(({ marked }) => marked);
