/** The rows of the tables, made of what was measured. A goal is where a row should be, a limit what it must not cross. */
import { CRAM_EXCHANGES, EXCHANGES, HALF_OPEN_DOCUMENTS } from "./contestants.js";
import { LINES } from "./documents.js";
import { milliseconds, spread, times, verdict } from "./report.js";

/** What the raw client takes of hurl's time, measured where there was a hurl. */
const RAW_OF_HURL = 0.46;
const COUNT = EXCHANGES.toLocaleString("en");

const of = (rounds, name, factor = 1) => spread(rounds, (round) => round[name] * factor);
const ratio = (rounds, a, b, factor = 1) => spread(rounds, (round) => (round[a] / round[b]) * factor);

/** The rows of goals: name, figure, quartiles, goal, limit, verdict. */
export function goals(rounds, nodes) {
  const row = (name, goal, limit, measured, options = {}) => verdict({ name, goal, limit, ...options }, measured);
  const ofHurl = (name, goal, limit, key) =>
    rounds.some((round) => round[`${key}: hurl`] !== undefined)
      ? row(`${name} ÷ hurl`, goal, limit, ratio(rounds, key, `${key}: hurl`))
      : row(
          `${name} ÷ hurl (raw socket × ${RAW_OF_HURL})`,
          goal,
          limit,
          ratio(rounds, key, `${key}: raw socket`, RAW_OF_HURL),
        );
  const growth = spread(
    rounds,
    (round) => (round.TCP - round["TCP, 1,000"]) / 9000 / ((round["TCP, 1,000"] - round["TCP, 100"]) / 900),
  );
  const aDocument = spread(rounds, (round) => (round.documents - round["start-up: TCP"]) / (HALF_OPEN_DOCUMENTS - 1));
  return [
    row("start-up, one exchange, TCP ÷ node -e 0", 1.3, 1.8, ratio(rounds, "start-up: TCP", "node -e 0")),
    row("start-up, one GET ÷ node -e 0", 1.45, 1.8, ratio(rounds, "start-up: GET", "node -e 0")),
    row("  its peak memory", 50, undefined, of(rounds, "memory: one GET"), { unit: " MiB" }),
    row("start-up above node -e 0", 15, 25, startUp(rounds, "start-up: TCP", "node -e 0"), { unit: " ms" }),
    ...nodes.map(({ name }) =>
      row(`  on ${name}`, 15, 25, startUp(rounds, `${name}: start-up`, `${name}: node -e 0`), { unit: " ms" }),
    ),
    row(`TCP, ${COUNT} exchanges, no two alike ÷ C client`, 2.5, 3, ratio(rounds, "TCP", "TCP: C client")),
    row("  one exchange an example ÷ C client", 3.5, 4.5, ratio(rounds, "TCP, one an example", "TCP: C client")),
    ofHurl(`HTTP, ${COUNT} GETs, no two alike`, 0.75, 1, "GET"),
    ofHurl("  headers, a captured body, 5 an example", 0.95, 1.3, "headers"),
    row("--pipeline=100 ÷ in turn, TCP", 0.45, 0.6, ratio(rounds, "TCP, sent ahead", "TCP, in turn")),
    row("  HTTP", 0.55, 0.75, ratio(rounds, "GET, sent ahead", "GET, in turn")),
    row("growth, slope 1,000→10,000 ÷ slope 100→1,000", 1.2, 1.5, growth),
    row(
      `peak memory of the ${COUNT} TCP exchanges ÷ node -e 0`,
      2.2,
      3,
      ratio(rounds, "memory: TCP", "memory: node -e 0"),
    ),
    row("  of the GETs ÷ node -e 0", 2.5, 3, ratio(rounds, "memory: GET", "memory: node -e 0")),
    row("parsing 1 MB of Markdown", 60, 40, of(rounds, "parse"), { unit: " MB/s", atLeast: true }),
    row("a document whose server does not hang up", 5, 10, aDocument, { unit: " ms" }),
    row(`report of ${LINES.toLocaleString("en")} different lines`, 1, undefined, of(rounds, "report", 0.001), {
      unit: " s",
    }),
  ];
}

const startUp = (rounds, run, empty) => spread(rounds, (round) => round[run] - round[empty]);

/** What the ratios are read by: wiredoc and its peers, the absolute times, runs of identical exchanges beside. */
export function tables(rounds) {
  const peers = (rows, base) =>
    rows
      .map(([name, factor = 1, label = name]) => [label, of(rounds, name, factor), ratio(rounds, name, base, factor)])
      .filter(([, wall]) => wall)
      .map(([label, wall, against]) => [label, milliseconds(wall), times(against)]);
  const cram = EXCHANGES / CRAM_EXCHANGES;
  return [
    {
      head: [`TCP, ${COUNT} exchanges, no two alike`, "wall", "÷ C client"],
      rows: peers(
        [
          ["TCP: C client", 1, "C client"],
          ["TCP: raw socket", 1, "raw socket on Node"],
          ["TCP", 1, "wiredoc"],
          ["TCP, one an example", 1, "wiredoc, one an example"],
        ],
        "TCP: C client",
      ),
    },
    {
      head: ["  all alike", "wall", "÷ C client"],
      rows: peers(
        [
          ["TCP: C client, all alike", 1, "C client"],
          ["redis-benchmark -c 1"],
          ["TCP, all alike", 1, "wiredoc"],
          ["expect"],
          ["cram and nc", cram, `cram and nc (${CRAM_EXCHANGES}, scaled)`],
        ],
        "TCP: C client, all alike",
      ),
    },
    {
      head: [`HTTP, ${COUNT} GETs, no two alike`, "wall", "÷ raw socket"],
      rows: peers(
        [
          ["GET: raw socket", 1, "raw socket on Node"],
          ["GET: hurl", 1, "hurl"],
          ["GET", 1, "wiredoc"],
          ["headers", 1, "wiredoc, headers and a captured body"],
        ],
        "GET: raw socket",
      ),
    },
    {
      head: ["  all alike", "wall", "÷ raw socket"],
      rows: peers(
        [
          ["GET: raw socket, all alike", 1, "raw socket on Node"],
          ["GET, all alike", 1, "wiredoc"],
        ],
        "GET: raw socket, all alike",
      ),
    },
    { head: ["whole processes", "wall", "peak memory"], rows: absolute(rounds) },
  ].filter(({ rows }) => rows.length > 0);
}

function absolute(rounds) {
  const mebibytes = (name) => (of(rounds, name) ? `${of(rounds, name).middle.toFixed(0)} MiB` : "");
  return [
    ["node -e 0", "node -e 0", "memory: node -e 0"],
    ["one exchange, TCP", "start-up: TCP", ""],
    ["one GET", "start-up: GET", "memory: one GET"],
    [`${COUNT} exchanges, TCP`, "TCP", "memory: TCP"],
    [`${COUNT} GETs`, "GET", "memory: GET"],
    [`${HALF_OPEN_DOCUMENTS} documents, half-open server`, "documents", ""],
  ]
    .map(([label, wall, memory]) => [label, milliseconds(of(rounds, wall)), mebibytes(memory)])
    .filter(([, wall]) => wall !== "");
}
