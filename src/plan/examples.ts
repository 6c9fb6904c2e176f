/**
 * The examples of one document: their lines read, their names checked, their messages rehearsed.
 */
import { parseDuration } from "../base/duration.ts";
import { type ErrorCode, WiredocError } from "../base/error.ts";
import type { DialectOptions } from "../base/settings.ts";
import type { Codec, Dialect } from "../dialects/dialect.ts";
import { isLineError } from "../dialects/dialect.ts";
import { encodeExchange, nextSends } from "../dialects/encode.ts";
import { type Part, PatternError, readParts } from "../match/parts.ts";
import { parseClientLine, parseReplyLine } from "../match/pattern.ts";
import type { Control, Document, Example, Exchange, WrittenLine } from "../transcript/model.ts";
import { exampleName } from "../transcript/model.ts";
import { DialectLoader } from "./dialects.ts";
import { nameChecker } from "./names.ts";
import type { RunOptions } from "./options.ts";
import type { Places } from "./places.ts";
import type { PlannedControl, PlannedExample, PlannedExchange, PlannedStep } from "./planned.ts";
import type { Registry } from "./registry.ts";
import { isSelected } from "./select.ts";
import { type ExampleSettings, settingsOf } from "./settings.ts";
import { Variables } from "./variables.ts";

export interface ExamplesContext {
  readonly document: Document;
  readonly options: RunOptions;
  readonly registry: Registry;
  readonly places: Places;
  readonly written: ReadonlyMap<string, readonly Part[]>;
  /** By the dialect's name. */
  readonly dialectOptions: Readonly<Record<string, DialectOptions>>;
  readonly needTarget: boolean;
  readonly report: (error: WiredocError) => void;
}

export async function planExamples(context: ExamplesContext): Promise<readonly PlannedExample[]> {
  const { document, options, places, needTarget, report } = context;
  const loader = new DialectLoader(document, context.dialectOptions, report);
  const names = nameChecker(context.written, document.path, report);
  const planned: PlannedExample[] = [];
  /** Of the rehearsal, by dialect and connection. */
  const codecs = new Map<string, Codec | undefined>();
  const at = (line: number, column = 1): { file: string; line: number; column: number } => ({
    file: document.path,
    line,
    column,
  });
  for (const example of document.examples) {
    const { attributes } = example;
    if (attributes.opening && attributes.anytime)
      report(
        new WiredocError("bad-example", "an example is an opening or may come anytime, not both", at(example.line)),
      );
    const place = places.ofExample(example);
    const { dialect, byScheme } = places.dialectOf(example, place);
    const isLoaded = await loader.load(dialect, example.line);
    const settings = settingsOf(example, document, options, context.dialectOptions);
    const steps = readSteps(example, settings, dialect, context);
    const role = attributes.opening ? "opening" : attributes.anytime ? "anytime" : "example";
    const tags = [...(document.settings.tags ?? []), ...(attributes.tags ?? [])];
    const name = exampleName(example);
    const selected =
      role !== "example" || isSelected({ headings: example.headings, line: example.line, tags }, options);
    const runs = attributes.skip === undefined && selected;
    const { lacking, captures } = names.enter(name, steps, runs, role);
    if (runs && needTarget && !place) {
      report(
        new WiredocError(
          "no-target",
          'no server is named: set "target" or "server" in the front matter, or give --target URL',
          at(example.line),
        ),
      );
    }
    checkRole(example, steps, report, at);
    planned.push({
      headings: example.headings,
      name,
      line: example.line,
      role,
      skip: attributes.skip ?? lacking,
      xfail: attributes.xfail,
      fresh: attributes.fresh ?? false,
      tags,
      captures,
      place,
      dialect,
      dialectByScheme: byScheme,
      settings,
      steps,
    });
    const host = places.targetOf(place);
    if (isLoaded) rehearse(codecs, steps, dialect, settings, host ? `${host.host}:${host.port}` : "localhost", context);
  }
  return planned.filter((example) => example.role !== "example" || isSelected(example, options));
}

function checkRole(
  { attributes, line }: Example,
  steps: readonly PlannedStep[],
  report: (error: WiredocError) => void,
  at: (line: number, column?: number) => { file: string; line: number; column: number },
): void {
  const role = attributes.opening ? "opening" : attributes.anytime ? "anytime" : undefined;
  if (!role) return;
  const stray = steps.find((step) => step.connection !== "");
  if (stray)
    report(
      new WiredocError(
        "bad-example",
        `an ${role} example speaks on the connection it is played on; it names none`,
        at(stray.line),
      ),
    );
  if (role !== "anytime") return;
  const [first] = steps;
  const last = steps.at(-1);
  const fits =
    first?.kind === "exchange" &&
    first.sends.length === 0 &&
    steps.length <= 2 &&
    (last === first || (last?.kind === "exchange" && last.expects.length === 0));
  if (!fits)
    report(
      new WiredocError(
        "bad-example",
        "an anytime example is reply lines, then the client lines that answer them",
        at(line),
      ),
    );
  const endless = fits ? first.expects.find(({ ending }) => ending === "none") : undefined;
  if (endless)
    report(
      new WiredocError(
        "bad-suffix",
        "what may come anytime is known by whole lines; (hex) and (no-eol) do not go with anytime",
        at(endless.line, endless.column),
      ),
    );
}

const hasNoNames = ({ placeholders }: { readonly placeholders: readonly unknown[] }): boolean =>
  placeholders.length === 0;

/** Reads a line once for all places where it stands, unless a placeholder in it has a place of its own. */
function rereading<T extends { readonly placeholders: readonly unknown[] }>(
  read: (written: WrittenLine) => T | undefined,
  placeAt: (known: T, written: WrittenLine) => T,
): (written: WrittenLine) => T | undefined {
  const known = new Map<string, T>();
  return (written) => {
    const before = known.get(written.text);
    if (before) return placeAt(before, written);
    const result = read(written);
    if (result?.placeholders.length === 0) known.set(written.text, result);
    return result;
  };
}

function readSteps(
  example: Example,
  settings: ExampleSettings,
  dialect: Dialect,
  context: ExamplesContext,
): readonly PlannedStep[] {
  const { document, report } = context;
  const read = <T>(line: { readonly line: number; readonly column: number }, parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      report(
        new WiredocError(error.code, error.message, {
          file: document.path,
          line: line.line,
          column: line.column + error.offset,
        }),
      );
      return undefined;
    }
  };
  // Documents repeat themselves: a line without names means the same wherever it stands.
  const readReply = rereading(
    (written) =>
      read(written, () => {
        const pattern = parseReplyLine(written, dialect.suffix);
        return dialect.readReply?.(pattern) ?? pattern;
      }),
    (known, { line, column, marked }) => ({ ...known, line, column, marked }),
  );
  const readClient = rereading(
    (written) => read(written, () => parseClientLine(written, dialect.suffix)),
    (known, { line, column }) => ({ ...known, line, column }),
  );
  const present = <T>(lines: readonly (T | undefined)[]): readonly T[] =>
    lines.includes(undefined) ? lines.filter((one) => one !== undefined) : (lines as readonly T[]);
  const readExchange = ({ connection, line, sends, expects }: Exchange): PlannedExchange => {
    const patterns = present(expects.map(readReply));
    if (settings.unordered && !dialect.matcher) {
      for (const pattern of patterns) {
        if (pattern.ending === "none")
          mistake(
            "bad-suffix",
            "lines in any order need their endings; (hex) and (no-eol) do not go with unordered",
            pattern,
          );
      }
    }
    const templates = present(sends.map(readClient));
    return {
      kind: "exchange",
      connection,
      line,
      sends: templates,
      expects: patterns,
      isKnown: templates.every(hasNoNames) && patterns.every(hasNoNames),
    };
  };
  const mistake = (
    code: ErrorCode,
    message: string,
    { line, column }: { readonly line: number; readonly column: number },
  ): void => report(new WiredocError(code, message, { file: document.path, line, column }));
  const readControl = (control: Control): PlannedControl => {
    const { verb, argument, line, column } = control;
    const at = column + 4 + verb.length + 1;
    const parts = read({ line, column: at }, () => readParts(argument, at)) ?? [];
    const text = parts.every((part) => part.kind === "text") ? argument : undefined;
    if ((verb === "silence" || verb === "wait") && text !== undefined && parseDuration(text) === undefined) {
      mistake("bad-control", `"${text}" is no duration; write it like 500ms, 2s or 1m`, { line, column: at });
    }
    const span = { file: document.path, line, column };
    if (verb === "connect" && argument !== "") context.places.checkUrl(parts, { ...span, column: at }, {});
    return {
      kind: "control",
      connection: control.connection,
      line,
      verb,
      argument: argument === "" ? [] : parts,
      span,
    };
  };
  return example.steps.map((step) => (step.kind === "exchange" ? readExchange(step) : readControl(step)));
}

/** Encodes what can be known with throw-away codecs, so that a dialect's mistakes show with their lines. */
function rehearse(
  codecs: Map<string, Codec | undefined>,
  steps: readonly PlannedStep[],
  dialect: Dialect,
  settings: ExampleSettings,
  host: string,
  { document, written, report }: ExamplesContext,
): void {
  if (dialect.sendsAnything) return;
  for (const [key, codec] of codecs) if (!codec) codecs.delete(key);
  const variables = new Variables(written);
  for (const step of steps) {
    if (step.kind !== "exchange" || step.sends.length === 0) continue;
    const { connection } = step;
    const key = `${dialect.name} ${connection}`;
    if (!codecs.has(key))
      codecs.set(
        key,
        dialect.createCodec("client", {
          eol: settings.eol,
          limit: settings.limit,
          host,
          options: settings.options[dialect.name] ?? {},
        }),
      );
    const codec = codecs.get(key);
    if (!codec) continue;
    variables.connection = connection;
    try {
      const exchange = encodeExchange(step.sends, step.expects, settings.eol, variables);
      // A name that only the run binds: what a codec makes of the lines after it cannot be known either.
      if (!exchange) codecs.set(key, undefined);
      else codec.begin(exchange, nextSends(steps, step, settings.eol, variables));
    } catch (error) {
      if (!isLineError(error)) throw error;
      report(
        new WiredocError("bad-request", error.message, {
          file: document.path,
          line: error.line.line,
          column: error.line.column + error.column - 1,
        }),
      );
    }
  }
}
