/**
 * Lines as redis-cli writes aggregates, read back as a tree: by the column of the character after a number (`)`, `~`, `#`,
 * `|`), as that is one column for all elements of an aggregate. Written and received lines are read alike.
 *
 *   1) "a"                 an element
 *   2) 1) "b"              one that is an aggregate, with its first element
 *      2) "c"
 *   1# "f" => "v"          a pair: one element, its text holds both
 *   2# "g" =>              a pair whose value is an aggregate of several lines, which follow
 *      1~ (integer) 1
 *
 * A line without a number stands for itself: a reply, or a line of a text that has several. `...` stands for further
 * elements of the aggregate that it is indented like.
 */

/** An element, or a reply. `T` is what its line is known by. */
export interface Node<T> {
  /** Its text without numbers; of an aggregate in a map the key and ` => `, else empty. */
  readonly text: string;
  /** Where the text begins on its line. */
  readonly column: number;
  readonly from: T;
  /** Of an aggregate. */
  readonly children: Node<T>[] | undefined;
  /** The character after its elements' numbers. */
  separator: string;
  /** Whether further elements may be there. */
  open: boolean;
}

/** An aggregate whose lines come. */
interface Level<T> {
  readonly node: Node<T>;
  /** Where its lines begin. */
  readonly start: number;
  /** The column of the characters after its numbers; undefined before the first of them. */
  column: number | undefined;
}

/** In a regular expression the parenthesis is escaped, and the number may be an expression. */
const LABELS = { text: / *\d+([)~#|]) /y, regex: / *(?:\d+|\\d\+)(?:\\?([)~#|])) /y };
/** Aggregates in one another; a text that looks like more of them stays a text. */
const MAX_DEPTH = 256;
const HEAD = / =>(?: |$)$/;

/** redis-cli leaves a space after `=>` where a line ends with it. Editors take such spaces away, so it may be missing. */
export const withSpace = (text: string): string => (text.endsWith(" =>") ? `${text} ` : text);

export class TreeReader<T> {
  /** Replies, and lines by themselves. */
  readonly roots: Node<T>[] = [];
  /** Whether further replies may come. */
  open = false;
  #levels: Level<T>[] = [];
  /** The numbers of the present reply's elements. */
  #numbers = new Set<string>();

  /** @param isRegex whether the text is a regular expression: ` (re)`. */
  add(text: string, from: T, isRegex = false): void {
    const pattern = isRegex ? LABELS.regex : LABELS.text;
    const first = labelAt(pattern, text);
    if (!first) return this.#addPlain(text, from);
    this.#leaveLevels(first.column);
    const number = first.text.trim();
    if (this.#levels.length === 1 && this.#numbers.has(number)) this.#levels = [];
    if (this.#levels.length === 0) this.#beginReply(from);
    if (this.#levels.length === 1) this.#numbers.add(number);
    let label: Label | undefined = first;
    while (label) {
      const level = this.#levels.at(-1)!;
      level.column ??= label.column;
      level.node.separator ||= label.separator;
      const isDeep = this.#levels.length > MAX_DEPTH;
      const next: Label | undefined = isDeep ? undefined : labelAt(pattern, text, label);
      const rest = text.slice(label.end);
      const isAggregate = next !== undefined || (!isDeep && /[#|]/.test(label.separator) && HEAD.test(rest));
      const node: Node<T> = {
        text: next ? "" : rest,
        column: label.end,
        from,
        children: isAggregate ? [] : undefined,
        separator: "",
        open: false,
      };
      level.node.children!.push(node);
      if (isAggregate) this.#levels.push({ node, start: label.column + 2, column: undefined });
      label = next;
    }
  }

  #beginReply(from: T): void {
    const node: Node<T> = { text: "", column: 0, from, children: [], separator: "", open: false };
    this.roots.push(node);
    this.#numbers.clear();
    this.#levels = [{ node, start: 0, column: undefined }];
  }

  /** Leaves the aggregates that an element at this column cannot belong to. */
  #leaveLevels(column: number): void {
    while (this.#levels.length > 1) {
      const { start, column: own } = this.#levels.at(-1)!;
      if (own === undefined ? start < column : own <= column) return;
      this.#levels.pop();
    }
  }

  #addPlain(text: string, from: T): void {
    const indentation = text.search(/\S|$/);
    if (text.slice(indentation) !== "...") {
      this.#levels = [];
      this.roots.push({ text, column: 0, from, children: undefined, separator: "", open: false });
      return;
    }
    if (indentation === 0) this.open = true;
    const level = this.#levels.findLast(({ start }) => start <= indentation);
    if (level) level.node.open = true;
  }
}

interface Label {
  readonly text: string;
  readonly separator: string;
  /** Of its separator, in the line that is meant. */
  readonly column: number;
  /** Where the text after it begins, in the line that is written. */
  readonly end: number;
}

/** The number that begins a line, or that follows another one. */
function labelAt(pattern: RegExp, text: string, before?: Label): Label | undefined {
  pattern.lastIndex = before?.end ?? 0;
  const match = pattern.exec(text);
  if (!match) return undefined;
  const meant = match[0].replace("\\d+", "1").replace("\\", "");
  const column = (before ? before.column + 2 : 0) + meant.length - 2;
  return { text: match[0], separator: match[1]!, column, end: pattern.lastIndex };
}

/** A line of a tree, and whose text it ends with. */
export interface TreeLine<T> {
  readonly text: string;
  readonly node: Node<T>;
}

/** The lines of a tree, its elements numbered anew. */
export function treeLines<T>(roots: readonly Node<T>[]): readonly TreeLine<T>[] {
  const lines: TreeLine<T>[] = [];
  for (const node of roots) {
    if (node.children) writeElements(node.children, node.separator, "", "", lines);
    else lines.push({ text: node.text, node });
  }
  return lines;
}

/** @param first what stands on the line where the first element goes; @param prefix on those of the others. */
function writeElements<T>(
  children: readonly Node<T>[],
  separator: string,
  first: string,
  prefix: string,
  lines: TreeLine<T>[],
): void {
  const width = String(children.length).length;
  const within = prefix + " ".repeat(width + 2);
  for (const [i, node] of children.entries()) {
    const before = `${i === 0 ? first : prefix}${String(i + 1).padStart(width)}${separator} `;
    if (!node.children || node.text !== "") lines.push({ text: before + node.text, node });
    if (node.children) writeElements(node.children, node.separator, node.text === "" ? before : within, within, lines);
  }
}
