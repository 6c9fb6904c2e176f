/**
 * `npm run bench`: wiredoc beside its peers and its limits. What the rows mean stands in README.md.
 */
import { prepare } from "./contestants.js";
import { interleave } from "./measure.js";
import { furtherNodes } from "./nodes.js";
import { machine, table } from "./report.js";
import { goals, tables } from "./rows.js";
import { checkSurroundings, isQuick, perform, progress, ROUNDS } from "./stage.js";

const NOTE = `Removed, so no row is helped by it: the memo of replies that came before, the comparison of whole exchanges that are
written byte for byte (verbatim), and the recording of bytes beside what is decoded of them. They made runs of identical
exchanges fast; those stand beside the others ("all alike").`;

checkSurroundings();
await perform(async (folder, servers) => {
  const nodes = furtherNodes();
  const contestants = await prepare(folder, servers, nodes);
  const started = performance.now();
  const facts = machine();
  const rounds = interleave(contestants, ROUNDS, progress);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const parts = [
    facts,
    table(["", "measured", "quartiles", "goal", "never above", ""], goals(rounds, nodes)),
    ...tables(rounds).map(({ head, rows }) => table(head, rows)),
    NOTE,
    `medians of ${rounds.length} rounds, ${seconds} s${isQuick ? " (--quick: too few to quote)" : ""}`,
  ];
  process.stdout.write(`${parts.join("\n\n")}\n`);
});
