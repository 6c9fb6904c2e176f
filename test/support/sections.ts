/** Plain files of cases: `== NAME` begins a case, `-- KIND` a section of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SectionedCase {
  /** The file's name without its ending, and the case's. */
  readonly name: string;
  /** What stands before the first section. */
  readonly written: string;
  /** The lines of each section of a kind, without the empty ones. */
  of(kind: string): readonly (readonly string[])[];
}

/** The cases in all `.txt` files of a folder. */
export function readSections(folder: string): readonly SectionedCase[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .sort();
  return files.flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split(/^== /m)
      .slice(1)
      .map((text) => sectionsOf(text, file.replace(".txt", ""))),
  );
}

function sectionsOf(text: string, file: string): SectionedCase {
  const [head, ...sections] = text.split(/^-- /m);
  const name = head!.slice(0, head!.indexOf("\n"));
  const read = sections.map((section) => section.split("\n"));
  return {
    name: `${file}: ${name}`,
    written: head!.slice(name.length + 1),
    of: (kind) => read.filter(([first]) => first === kind).map(([, ...lines]) => lines.filter(Boolean)),
  };
}

/** Text with escapes as in a string of JSON. */
export const unescaped = (text: string): string => JSON.parse(`"${text.replaceAll('"', '\\"')}"`) as string;
