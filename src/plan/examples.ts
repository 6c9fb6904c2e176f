/** The examples of one document: where each goes, what it says, and whether it is to be run. */
import { WiredocError } from "../base/error.ts";
import type { DialectOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Part } from "../match/parts.ts";
import { type Attributes, type DocumentHead, type Example, exampleName } from "../transcript/model.ts";
import { DialectLoader } from "./dialects.ts";
import { MoveReader } from "./move-reader.ts";
import { Names } from "./names.ts";
import type { RunOptions } from "./options.ts";
import type { Permissions } from "./permissions.ts";
import type { Places } from "./places.ts";
import type { Place, PlannedExample } from "./planned.ts";
import { Rehearsal } from "./rehearsal.ts";
import { checkRole, roleOf } from "./roles.ts";
import { isAtLines, isSelected } from "./select.ts";
import { type ExampleSettings, settingsOf } from "./settings.ts";

export interface ExamplesContext {
  readonly document: DocumentHead;
  readonly options: RunOptions;
  /** The lines whose examples are meant; undefined: all of them. */
  readonly lines: ReadonlySet<number> | undefined;
  readonly places: Places;
  readonly written: ReadonlyMap<string, readonly Part[]>;
  /** By the dialect's name. */
  readonly dialectOptions: Readonly<Record<string, DialectOptions>>;
  /** The folder that files named in the document have to be in. */
  readonly within: string;
  readonly permissions: Permissions;
  /** Where the config file's values are written. */
  readonly spansOfConfig: Readonly<Record<string, Span>>;
  readonly needTarget: boolean;
  readonly report: (error: WiredocError) => void;
}

/** What holds for an example before its lines are read. */
interface Surroundings {
  readonly place: Place | undefined;
  readonly dialect: Dialect;
  /** Whether the scheme of the place names the dialect. */
  readonly byScheme: boolean;
  /** Whether codecs can be created. */
  readonly isLoaded: boolean;
  readonly settings: ExampleSettings;
}

/** Takes the examples in their order. */
export class ExamplePlanner {
  readonly #context: ExamplesContext;
  readonly #loader: DialectLoader;
  readonly #names: Names;
  readonly #reader: MoveReader;
  readonly #rehearsal: Rehearsal;
  /** What holds for examples without attributes, which most are, by their language. */
  readonly #plain = new Map<string, Surroundings>();
  readonly #tags: readonly string[];
  /** The addresses of places, as requests name them. */
  readonly #hosts = new Map<Place | undefined, string>();

  constructor(context: ExamplesContext) {
    this.#context = context;
    const { document, dialectOptions, within, spansOfConfig, written, permissions, places, report } = context;
    this.#tags = document.settings.tags ?? NO_TAGS;
    this.#loader = new DialectLoader(document, dialectOptions, within, spansOfConfig, report);
    this.#names = new Names(written, permissions, document.path, report);
    this.#reader = new MoveReader(document, places, report);
    this.#rehearsal = new Rehearsal(document.path, written, report);
  }

  known({ attributes, language }: Example): Surroundings | undefined {
    return hasNone(attributes) ? this.#plain.get(language) : undefined;
  }

  async prepare(example: Example): Promise<Surroundings> {
    const { document, options, places, dialectOptions } = this.#context;
    const place = places.ofExample(example);
    const { dialect, byScheme } = places.dialectOf(example, place);
    const isLoaded = await this.#loader.load(dialect, example.block.from);
    const settings = settingsOf(example, document, options, dialectOptions);
    const surroundings = { place, dialect, byScheme, isLoaded, settings };
    if (hasNone(example.attributes)) this.#plain.set(example.language, surroundings);
    return surroundings;
  }

  /** Undefined where the next example of the document is not meant. */
  plan(example: Example, { place, dialect, byScheme, isLoaded, settings }: Surroundings): PlannedExample | undefined {
    const { document, options, lines, needTarget, report } = this.#context;
    const { attributes, headings } = example;
    const line = example.block.from;
    const moves = this.#reader.read(example, settings, dialect);
    const role = roleOf(attributes);
    checkRole(attributes, moves, document.path, line, report);
    const tags = attributes.tags === undefined ? this.#tags : [...this.#tags, ...attributes.tags];
    const name = exampleName(headings, line);
    const isMeant = role !== "example" || (isAtLines(example, lines) && isSelected({ name, tags }, options));
    const runs = attributes.skip === undefined && isMeant;
    const { lacking, captures } = this.#names.enter(name, moves, runs, role);
    if (runs && needTarget && !place) report(noTarget({ file: document.path, line, column: 1 }));
    if (isLoaded && !dialect.sendsAnything) this.#rehearsal.play(moves, dialect, settings, this.#hostOf(place));
    if (!isMeant) return undefined;
    return {
      headings,
      name,
      line,
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
      moves,
    };
  }

  #hostOf(place: Place | undefined): string {
    const known = this.#hosts.get(place);
    if (known !== undefined) return known;
    const target = this.#context.places.targetOf(place);
    const host = target ? `${target.host}:${target.port}` : "localhost";
    this.#hosts.set(place, host);
    return host;
  }
}

const NO_TAGS: readonly string[] = [];

function hasNone(attributes: Attributes): boolean {
  for (const _ in attributes) return false;
  return true;
}

const noTarget = (span: Span): WiredocError =>
  new WiredocError(
    "no-target",
    'no server is named: set "target" or "server" in the front matter, or give --target URL',
    span,
  );
