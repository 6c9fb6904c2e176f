/** What docs/architecture.md says of the sources, as rules: each one answers with what breaks it. */
import { posix } from "node:path";

/** Texts of source files by their paths in `src`. */
export type Sources = ReadonlyMap<string, string>;
type Rule = (sources: Sources) => readonly string[];

/** The stages in their order: each may import those above it and its own folder. */
const STAGES = [
  "base",
  "transcript",
  "match",
  "dialects",
  "transports",
  "servers",
  "store",
  "plan",
  "play",
  "write",
  "record",
  "replay",
  "serve",
  "report",
  "bench",
  "builtins.ts",
  "run.ts",
  "bench.ts",
  "compare",
  "index.ts",
  "commands",
  "cli.ts",
];
/** They stand beside each other; what one has to know of another it is told. */
const SIBLINGS = new Set(["transcript", "dialects", "transports", "servers", "store"]);
/** The store is a program of its own: it takes from the rest of wiredoc these alone. */
const OF_STORE = new Set(["store", "base"]);

const MOST_LINES = 300;

interface Import {
  /** A path in `src`, or the name of a package. */
  readonly target: string;
  /** Whether nothing of it is there when the program runs. */
  readonly isType: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s(type\s)?[^;]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^\s*import\s*"([^"]+)"/gm;

const importsOf = (file: string, text: string): readonly Import[] =>
  Array.from(text.matchAll(IMPORT), ([, type, from, dynamic, bare]) => {
    const name = (from ?? dynamic ?? bare)!;
    return {
      target: name.startsWith(".") ? posix.join(posix.dirname(file), name) : name,
      isType: type !== undefined,
    };
  });

const stageOf = (file: string): string => file.split("/")[0]!;
const isPackage = (target: string): boolean => !target.endsWith(".ts");
const withoutComments = (text: string): string => text.replace(/^\s*\/\*[\s\S]*?\*\/|(?:^|\s)\/\/ .*$/gm, "");

/** All that a file reaches through its imports, itself only in a circle. */
function reachedFrom(file: string, sources: Sources, follows: (one: Import) => boolean): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [file];
  for (let at = next.pop(); at !== undefined; at = next.pop())
    for (const one of importsOf(at, sources.get(at) ?? "")) {
      if (!follows(one) || isPackage(one.target) || reached.has(one.target)) continue;
      reached.add(one.target);
      next.push(one.target);
    }
  return reached;
}

export const upwardImports: Rule = (sources) =>
  [...sources].flatMap(([file, text]) => {
    const own = stageOf(file);
    if (!STAGES.includes(own)) return [`${file} stands in no stage`];
    return importsOf(file, text).flatMap(({ target }) => {
      const stage = stageOf(target);
      if (isPackage(target) || stage === own) return [];
      const isUpward = STAGES.indexOf(stage) > STAGES.indexOf(own) || !STAGES.includes(stage);
      const isSideways = SIBLINGS.has(stage) && SIBLINGS.has(own);
      const isForeign = own === "store" && !OF_STORE.has(stage);
      return isUpward || isSideways || isForeign ? [`${file} imports ${target}`] : [];
    });
  });

export const emptyStages: Rule = (sources) => {
  const stages = new Set([...sources.keys()].map(stageOf));
  return STAGES.filter((stage) => !stages.has(stage)).map((stage) => `no file stands in ${stage}`);
};

export const circles: Rule = (sources) => {
  const reached = new Map([...sources.keys()].map((file) => [file, reachedFrom(file, sources, () => true)]));
  const found = [...reached].flatMap(([file, others]) => {
    const circle = [...others].filter((other) => reached.get(other)?.has(file));
    return circle.length > 0 ? [`a circle of ${circle.sort().join(", ")}`] : [];
  });
  return [...new Set(found)];
};

export const longFiles: Rule = (sources) =>
  [...sources].flatMap(([file, text]) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > MOST_LINES ? [`${file} has ${lines} lines`] : [];
  });

/** What waits for the world, or asks it for the time. */
const WORLD =
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|nextTick|performance|hrtime|fetch|WebSocket)\b|\bDate\.now\b|\bnew Date\(\)|"node:(?:net|tls|dgram|dns|https?|http2|timers|perf_hooks|readline|child_process|worker_threads|cluster)(?:\/\w+)?"|"@grpc\/grpc-js"/g;
const LATER = /\b(?:async|await|Promise)\b|\bimport\(/g;

/** The play has no promise and no package, not even as a type, and knows nothing of the clock. */
export const unplayable: Rule = (sources) =>
  [...sources].flatMap(([file, text]) => {
    if (stageOf(file) !== "play") return [];
    const imports = importsOf(file, text).filter(({ target }) => isPackage(target) || target === "base/clock.ts");
    const words = withoutComments(text).match(LATER) ?? [];
    return [
      ...imports.map(({ target }) => `${file} imports ${target}`),
      ...words.map((word) => `${file} uses ${word}`),
    ];
  });

/**
 * What runs in a play touches no socket, no clock and no timer: its own files, those of the dialects, which it is handed,
 * and all that both import, types aside. Promises are free there: a dialect loads what its codecs need before the play.
 */
export const worldly: Rule = (sources) => {
  const roots = [...sources.keys()].filter((file) => ["play", "dialects"].includes(stageOf(file)));
  const reached = new Set(roots);
  for (const root of roots) for (const file of reachedFrom(root, sources, ({ isType }) => !isType)) reached.add(file);
  return [...reached].flatMap((file) =>
    (withoutComments(sources.get(file) ?? "").match(WORLD) ?? []).map((word) => `${file} uses ${word}`),
  );
};
