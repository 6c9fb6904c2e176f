/** `wiredoc record --import FILE`. */
import { displayText } from "../base/bytes.ts";
import { builtins } from "../builtins.ts";
import { DocumentFile } from "../record/document-file.ts";
import { type ImportOptions, importRecording } from "../record/import/import.ts";
import { EXIT, type Surroundings } from "./command.ts";
import type { Arguments } from "./options.ts";
import { last, runOptions, usage } from "./values.ts";

export async function recordImport(given: Arguments, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, takeInterrupts } = surroundings;
  const options = importOptions(given, process.cwd());
  const output = last(given, "output");
  const signal = takeInterrupts();
  const warn = (message: string): void => void stderr.write(`wiredoc: ${displayText(message)}\n`);
  try {
    const text = await importRecording(options, { registry: builtins, signal, warn });
    if (output === undefined) stdout.write(text);
    else writeDocument(output, text);
    return EXIT.ok;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

function writeDocument(path: string, text: string): void {
  const file = new DocumentFile(path);
  try {
    file.replace(text);
  } finally {
    file.close();
  }
}

/** @throws {WiredocError} `usage` */
function importOptions(given: Arguments, cwd: string): ImportOptions {
  const [stray] = given.paths;
  if (stray !== undefined) throw usage(`"wiredoc record" takes no documents: write the new one with -o ${stray}`);
  for (const name of ["listen", "tls-cert", "tls-key"] as const)
    if (given.texts[name] !== undefined)
      throw usage(`--import reads a file, and --${name} is for a proxy: remove one of them`);
  const { timeout, settle, limit } = runOptions(given);
  return {
    ...{ timeout, settle, limit, cwd },
    file: last(given, "import")!,
    target: last(given, "target"),
    dialect: last(given, "dialect"),
    config: last(given, "config"),
  };
}
