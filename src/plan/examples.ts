import { WiredocError } from "../base/error.ts";
import type { DialectOptions } from "../base/settings.ts";
import type { Span } from "../base/span.ts";
import type { Part } from "../match/parts.ts";
import type { Document, Example } from "../transcript/model.ts";
import { exampleName } from "../transcript/model.ts";
import { DialectLoader } from "./dialects.ts";
import type { Leave } from "./leave.ts";
import { MoveReader } from "./move-reader.ts";
import type { Move } from "./moves.ts";
import { nameChecker } from "./names.ts";
import type { RunOptions } from "./options.ts";
import type { Places } from "./places.ts";
import type { Place, PlannedExample } from "./planned.ts";
import type { Registry } from "./registry.ts";
import { Rehearsal } from "./rehearsal.ts";
import { isAtLines, isSelected } from "./select.ts";
import { settingsOf } from "./settings.ts";

export interface ExamplesContext {
  readonly document: Document;
  readonly options: RunOptions;
  /** The lines whose examples are meant; undefined: all of them. */
  readonly lines: ReadonlySet<number> | undefined;
  readonly registry: Registry;
  readonly places: Places;
  readonly written: ReadonlyMap<string, readonly Part[]>;
  /** By the dialect's name. */
  readonly dialectOptions: Readonly<Record<string, DialectOptions>>;
  /** The folder that files named in the document have to be in. */
  readonly within: string;
  readonly leave: Leave;
  /** Where the config file's values are written. */
  readonly spansOfConfig: Readonly<Record<string, Span>>;
  readonly needTarget: boolean;
  readonly report: (error: WiredocError) => void;
}

export async function planExamples(context: ExamplesContext): Promise<readonly PlannedExample[]> {
  const { document, options, lines, places, needTarget, report } = context;
  const loader = new DialectLoader(document, context.dialectOptions, context.within, context.spansOfConfig, report);
  const names = nameChecker(context.written, context.leave, document.path, report);
  const reader = new MoveReader(document, places, report);
  const planned: PlannedExample[] = [];
  const rehearsal = new Rehearsal(document.path, context.written, report);
  const at = (line: number, column = 1): { file: string; line: number; column: number } => ({
    file: document.path,
    line,
    column,
  });
  const hosts = new Map<Place | undefined, string>();
  const hostOf = (place: Place | undefined): string => {
    const known = hosts.get(place);
    if (known !== undefined) return known;
    const target = places.targetOf(place);
    const host = target ? `${target.host}:${target.port}` : "localhost";
    hosts.set(place, host);
    return host;
  };
  for (const example of document.examples) {
    const { attributes, headings } = example;
    const line = example.block.from;
    if (attributes.opening && attributes.anytime)
      report(new WiredocError("bad-example", "an example is an opening or may come anytime, not both", at(line)));
    const place = places.ofExample(example);
    const { dialect, byScheme } = places.dialectOf(example, place);
    const isLoaded = await loader.load(dialect, line);
    const settings = settingsOf(example, document, options, context.dialectOptions);
    const moves = reader.read(example, settings, dialect);
    const role = attributes.opening ? "opening" : attributes.anytime ? "anytime" : "example";
    const tags = [...(document.settings.tags ?? []), ...(attributes.tags ?? [])];
    const name = exampleName(headings, line);
    const selected = role !== "example" || (isAtLines(example, lines) && isSelected({ headings, line, tags }, options));
    const runs = attributes.skip === undefined && selected;
    const { lacking, captures } = names.enter(name, moves, runs, role);
    if (runs && needTarget && !place) {
      report(
        new WiredocError(
          "no-target",
          'no server is named: set "target" or "server" in the front matter, or give --target URL',
          at(line),
        ),
      );
    }
    checkRole(example, moves, report, at);
    if (selected)
      planned.push({
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
      });
    if (isLoaded && !dialect.sendsAnything) rehearsal.play(moves, dialect, settings, hostOf(place));
  }
  return planned;
}

function checkRole(
  { attributes, block }: Example,
  moves: readonly Move[],
  report: (error: WiredocError) => void,
  at: (line: number, column?: number) => { file: string; line: number; column: number },
): void {
  const role = attributes.opening ? "opening" : attributes.anytime ? "anytime" : undefined;
  if (!role) return;
  const stray = moves.find(({ on }) => on !== "");
  if (stray)
    report(
      new WiredocError(
        "bad-example",
        `an ${role} example speaks on the connection it is played on; it names none`,
        at(stray.line),
      ),
    );
  const connect = moves.find((move) => move.kind === "act" && move.act === "open");
  if (role === "opening" && connect)
    report(
      new WiredocError(
        "bad-example",
        "an opening is played on each connection that is opened; it opens none itself",
        at(connect.line),
      ),
    );
  if (role !== "anytime") return;
  const [first, ...rest] = moves;
  const fits =
    first?.kind === "say" &&
    first.by === "server" &&
    rest.length <= 1 &&
    rest.every((move) => move.kind === "say" && move.by === "client");
  if (!fits)
    report(
      new WiredocError(
        "bad-example",
        "an anytime example is reply lines, then the client lines that answer them",
        at(block.from),
      ),
    );
  const endless = fits ? first.lines.find(({ ending }) => ending === "none") : undefined;
  if (endless)
    report(
      new WiredocError(
        "bad-suffix",
        "what may come anytime is known by whole lines; (hex) and (no-eol) do not go with anytime",
        at(endless.line, endless.column),
      ),
    );
}
