/** The document that grows: what stands above its examples, and the examples with their lines. */
import { BlockWriter, Names, type RecordedLine } from "./lines.ts";

/** Where the text of the document is kept. Each call leaves a whole document there. */
export interface Sink {
  /** Whether only the complete document is wanted: each change above costs as much as the document is long. */
  readonly waits: boolean;
  /** Puts a text before the closing fence of the last block. */
  append(text: string): void;
  /** @param text the whole document. */
  replace(text: string): void;
}

/** What closes the last block. It is always the end of the document. */
export const CLOSING_FENCE = "```\n";

interface Example {
  readonly title: string;
  readonly names: Names;
  readonly lines: RecordedLine[];
}

export class Page {
  readonly #head: () => string;
  readonly #sink: Sink;
  readonly #examples: Example[] = [];
  #writer = new BlockWriter(new Names());
  /** What is to be appended. */
  #unwritten = "";
  /** Lines of the last example that are not in `#unwritten` yet. */
  #added: RecordedLine[] = [];
  /** Whether the document has to be written anew: what it says above has changed. */
  #isChanged = true;

  /** @param head front matter and introduction. Asked for when the document is written. */
  constructor(head: () => string, sink: Sink) {
    this.#head = head;
    this.#sink = sink;
  }

  /** Begins an example. Lines are added to this one from now on. */
  begin(title: string): void {
    this.#render();
    if (this.#examples.length > 0) this.#unwritten += `${CLOSING_FENCE}${openingOf(title)}`;
    const names = new Names();
    this.#examples.push({ title, names, lines: [] });
    this.#writer = new BlockWriter(names);
  }

  add(lines: readonly RecordedLine[]): void {
    const example = this.#examples.at(-1)!;
    for (const line of lines) {
      example.lines.push(line);
      this.#added.push(line);
      // A second connection gives the first one a name.
      if (example.names.join(line.on)) this.#isChanged = true;
    }
  }

  /** A line that was added before has another text now. */
  change(): void {
    this.#isChanged = true;
  }

  /** Hands over what is new. */
  flush(): void {
    if (!this.#sink.waits) this.#write();
  }

  #write(): void {
    if (this.#examples.length === 0) return;
    if (this.#isChanged) return this.#rewrite();
    this.#render();
    if (this.#unwritten === "") return;
    const text = this.#unwritten;
    this.#unwritten = "";
    this.#sink.append(text);
  }

  /** Lines that were added to text. */
  #render(): void {
    const example = this.#examples.at(-1);
    if (example && this.#added.length > 0 && !this.#isChanged)
      this.#unwritten += this.#added.map((line, i) => this.#writer.write(line, this.#added[i + 1])).join("");
    this.#added = [];
  }

  #rewrite(): void {
    const blocks = this.#examples.map(({ title, names, lines }) => {
      this.#writer = new BlockWriter(names);
      return openingOf(title) + lines.map((line, i) => this.#writer.write(line, lines[i + 1])).join("");
    });
    this.#isChanged = false;
    this.#added = [];
    this.#unwritten = "";
    this.#sink.replace(this.#head() + blocks.join(CLOSING_FENCE) + CLOSING_FENCE);
  }

  /** The document without examples, where nothing was said. */
  end(): void {
    if (this.#examples.length === 0) this.#sink.replace(this.#head());
    else this.#write();
  }
}

const openingOf = (title: string): string => `\n## ${title}\n\n\`\`\`wire\n`;
