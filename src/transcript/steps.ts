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

/** Reads a block's lines. Mistakes are handed to `report`, and the line is passed over. */
export function readSteps(
  lines: readonly BlockLine[],
  markers: Markers,
  file: string,
  report: ReportMistake,
): readonly Step[] {
  const reader = new StepReader(markers, file, report);
  // Documents have many lines, most of them read once: an iterator would cost more than what is done with a line.
  for (let i = 0; i < lines.length; i++) reader.add(lines[i]!);
  return reader.end();
}

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

class StepReader {
  readonly #markers: Markers;
  readonly #file: string;
  readonly #report: ReportMistake;
  readonly #steps: Step[] = [];
  /** That of the nearest marked line above. */
  #connection = "";
  #exchange: OpenExchange | undefined;
  /** The blank lines since the last other line: part of a reply if it goes on after them. */
  #blanks = NO_LINES;

  constructor(markers: Markers, file: string, report: ReportMistake) {
    this.#markers = markers;
    this.#file = file;
    this.#report = report;
  }

  add(line: BlockLine): void {
    const read = readMarker(line.text, this.#markers);
    switch (read.kind) {
      case "malformed":
        this.#mistake(line, malformed(line.text, read.marker));
        break;
      case "blank":
        this.#blanks = append(this.#blanks, line.text === "" ? line : { ...line, text: "" });
        break;
      case "client":
        this.#connection = read.connection;
        this.#addSent(textAfterMarker(line, read));
        break;
      case "plain":
        if (this.#markers.reply)
          this.#mistake(line, `this line has no marker; where front matter sets "reply", every line has one`);
        else this.#addExpected(line);
        break;
      case "reply":
        // Alone, the marker goes on with the connection above: it is an empty line at the end of a reply.
        if (read.connection !== "" || read.text !== "") this.#connection = read.connection;
        this.#addExpected(textAfterMarker(line, read));
        break;
      case "control": {
        this.#endExchange();
        this.#connection = read.connection || this.#connection;
        const span = { file: this.#file, line: line.line, column: line.column };
        const control = readControl(read.text, this.#connection, span, this.#report);
        if (control) this.#steps.push(control);
        break;
      }
      default:
        read satisfies never;
    }
  }

  end(): readonly Step[] {
    this.#endExchange();
    return this.#steps;
  }

  #addSent(line: WrittenLine): void {
    const current = this.#exchange;
    const goesOn = current?.connection === this.#connection && current.expects.length === 0 && current.sends.length > 0;
    const exchange = goesOn ? current : this.#beginExchange(line.line);
    this.#blanks = NO_LINES;
    exchange.sends = append(exchange.sends, line);
  }

  #addExpected(line: WrittenLine): void {
    let exchange = this.#exchange;
    if (exchange?.connection === this.#connection)
      for (const blank of this.#blanks) exchange.expects = append(exchange.expects, blank);
    else exchange = this.#beginExchange(line.line);
    exchange.expects = append(exchange.expects, line);
    this.#blanks = NO_LINES;
  }

  #beginExchange(line: number): OpenExchange {
    this.#endExchange();
    this.#exchange = { kind: "exchange", connection: this.#connection, line, sends: NO_LINES, expects: NO_LINES };
    return this.#exchange;
  }

  #endExchange(): void {
    if (this.#exchange) this.#steps.push(this.#exchange);
    this.#exchange = undefined;
    this.#blanks = NO_LINES;
  }

  #mistake({ line, column }: BlockLine, message: string): void {
    this.#report(new WiredocError("bad-marker", message, { file: this.#file, line, column }));
  }
}

function malformed(text: string, marker: string): string {
  const shown = text.slice(0, 20);
  return `"${shown}": after ${marker} comes a space and the text (or nothing); a reply line that begins so is written "<<< ${shown}"`;
}
