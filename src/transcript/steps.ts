/**
 * The lines of one code block to exchanges and controls (format guide, section 3).
 */
import { WiredocError } from "../base/error.ts";
import type { BlockLine } from "./block.ts";
import { readControl } from "./controls.ts";
import { type Markers, readMarker } from "./markers.ts";
import type { Exchange, Step, WrittenLine } from "./model.ts";

/** Takes a mistake. */
export type ReportMistake = (error: WiredocError) => void;

interface OpenExchange extends Exchange {
  sends: WrittenLine[];
  expects: WrittenLine[];
}

const NO_LINES: WrittenLine[] = [];

/** A list with one more line. A list that is made with its first line takes as much room as it needs, unlike one pushed to. */
function append(lines: WrittenLine[], line: WrittenLine): WrittenLine[] {
  if (lines.length === 0) return [line];
  lines.push(line);
  return lines;
}

const textAfterMarker = (
  { line, column }: BlockLine,
  { text, column: offset }: { readonly text: string; readonly column: number },
): WrittenLine => ({ text, line, column: column + offset, marked: true });

/** How far a block has been read. A plain object: most documents are read once, and private fields are slow at first. */
interface Progress {
  readonly steps: Step[];
  /** That of the nearest marked line above. */
  connection: string;
  exchange: OpenExchange | undefined;
  /** The blank lines since the last other line: part of a reply if it goes on after them. */
  blanks: WrittenLine[];
}

/** Reads a block's lines. Mistakes are handed to `report`, and the line is passed over. */
export function readSteps(
  lines: readonly BlockLine[],
  markers: Markers,
  file: string,
  report: ReportMistake,
): readonly Step[] {
  const progress: Progress = { steps: [], connection: "", exchange: undefined, blanks: NO_LINES };
  const mistake = ({ line, column }: BlockLine, message: string): void =>
    report(new WiredocError("bad-marker", message, { file, line, column }));
  // Documents have many lines, most of them read once: an iterator would cost more than what is done with a line.
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const read = readMarker(line.text, markers);
    switch (read.kind) {
      case "malformed":
        mistake(line, malformed(line.text, read.marker));
        break;
      case "blank":
        progress.blanks = append(progress.blanks, line.text === "" ? line : { ...line, text: "" });
        break;
      case "client":
        progress.connection = read.connection;
        addSent(progress, textAfterMarker(line, read));
        break;
      case "plain":
        if (markers.reply)
          mistake(line, `this line has no marker; where front matter sets "reply", every line has one`);
        else addExpected(progress, line);
        break;
      case "reply":
        // Alone, the marker goes on with the connection above: it is an empty line at the end of a reply.
        if (read.connection !== "" || read.text !== "") progress.connection = read.connection;
        addExpected(progress, textAfterMarker(line, read));
        break;
      case "control": {
        endExchange(progress);
        progress.connection = read.connection || progress.connection;
        const span = { file, line: line.line, column: line.column };
        const control = readControl(read.text, progress.connection, span, report);
        if (control) progress.steps.push(control);
        break;
      }
      default:
        read satisfies never;
    }
  }
  endExchange(progress);
  return progress.steps;
}

function addSent(progress: Progress, line: WrittenLine): void {
  const { connection, exchange: current } = progress;
  const goesOn = current?.connection === connection && current.expects.length === 0 && current.sends.length > 0;
  const exchange = goesOn ? current : beginExchange(progress, line.line);
  progress.blanks = NO_LINES;
  exchange.sends = append(exchange.sends, line);
}

function addExpected(progress: Progress, line: WrittenLine): void {
  const { connection, exchange: current, blanks } = progress;
  const goesOn = current?.connection === connection;
  const exchange = goesOn ? current : beginExchange(progress, line.line);
  if (goesOn) for (const blank of blanks) exchange.expects = append(exchange.expects, blank);
  progress.blanks = NO_LINES;
  exchange.expects = append(exchange.expects, line);
}

function beginExchange(progress: Progress, line: number): OpenExchange {
  endExchange(progress);
  const exchange: OpenExchange = {
    kind: "exchange",
    connection: progress.connection,
    line,
    sends: NO_LINES,
    expects: NO_LINES,
  };
  progress.exchange = exchange;
  return exchange;
}

function endExchange(progress: Progress): void {
  if (progress.exchange) progress.steps.push(progress.exchange);
  progress.exchange = undefined;
  progress.blanks = NO_LINES;
}

function malformed(text: string, marker: string): string {
  const shown = text.slice(0, 20);
  return `"${shown}": after ${marker} comes a space and the text (or nothing); a reply line that begins so is written "<<< ${shown}"`;
}
