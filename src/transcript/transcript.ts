/**
 * The lines of one code block to exchanges and controls (format guide, section 3).
 */
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import { type BlockLine, isBlank } from "./block.ts";
import {
  CONTROL_VERBS,
  type Control,
  type ControlVerb,
  type Exchange,
  type Marker,
  type Step,
  type WrittenLine,
} from "./model.ts";
import { BEHIND_MARKER } from "./settings.ts";

/** Which markers a document uses; undefined: `>>> ` and `<<< `. */
export interface Markers {
  readonly client: readonly Marker[] | undefined;
  readonly reply: readonly Marker[] | undefined;
}

type Reading =
  | { readonly kind: "blank" | "plain" }
  | {
      readonly kind: "client" | "reply" | "control";
      readonly connection: string;
      readonly text: string;
      readonly column: number;
    }
  | { readonly kind: "malformed"; readonly marker: string };

const MARKED = /^([A-Za-z][A-Za-z0-9_-]*)?(>>>|<<<|===)(?: (.*))?$/s;
const MALFORMED = /^(?:>>>(?=[^> ])|<<<(?=[^< ])|===(?=[^= ]))/;
const MAY_BE_MARKED = /^(?:[A-Za-z][A-Za-z0-9_-]*)?[<>=]/;
const BLANK: Reading = { kind: "blank" };
const PLAIN: Reading = { kind: "plain" };
const KINDS = { ">>>": "client", "<<<": "reply", "===": "control" } as const;

function readWith(markers: readonly Marker[], kind: "client" | "reply", text: string): Reading | undefined {
  for (const marker of markers) {
    if (marker.kind === "text") {
      if (text.startsWith(marker.text))
        return { kind, connection: "", text: text.slice(marker.text.length), column: marker.text.length };
      if (text === marker.text.trimEnd()) return { kind, connection: "", text: "", column: text.length };
      continue;
    }
    const match = marker.regex.match(text);
    if (!match) continue;
    const group = (name: string): string | undefined => match[marker.regex.groupOf[name] ?? -1];
    const said = group("text") ?? group(BEHIND_MARKER) ?? "";
    return { kind, connection: group("connection") ?? "", text: said, column: text.length - said.length };
  }
  return undefined;
}

function readLine(text: string, { client, reply }: Markers): Reading {
  // Most lines are plain or the client's, and their beginning tells: a marker begins with its own character or a name's.
  if (!client && !reply) {
    if (text.startsWith(">>> ")) return { kind: "client", connection: "", text: text.slice(4), column: 4 };
    if (!MAY_BE_MARKED.test(text)) return isBlank(text) ? BLANK : PLAIN;
  }
  const match = MARKED.exec(text);
  const marker = match?.[2] as keyof typeof KINDS | undefined;
  const replaced = (marker === ">>>" && client) || (marker === "<<<" && reply);
  if (match && marker && !replaced) {
    const said = match[3] ?? "";
    return { kind: KINDS[marker], connection: match[1] ?? "", text: said, column: text.length - said.length };
  }
  const custom = (client && readWith(client, "client", text)) ?? (reply && readWith(reply, "reply", text));
  if (custom) return custom;
  const malformed = MALFORMED.exec(text)?.[0];
  const isMarker = malformed === "===" || (malformed === ">>>" ? !client : !reply);
  if (malformed && isMarker) return { kind: "malformed", marker: malformed };
  return { kind: isBlank(text) ? "blank" : "plain" };
}

/** Whether a block holds at least one client line. */
export const hasClientLine = (lines: readonly BlockLine[], markers: Markers): boolean =>
  lines.some(({ text }) => readLine(text, markers).kind === "client");

/** Whether a line bears a marker; after `===` it has to be a control that exists. */
export function isMarked(text: string, markers: Markers): boolean {
  const reading = readLine(text, markers);
  if (reading.kind !== "control") return reading.kind === "client" || reading.kind === "reply";
  const [verb] = reading.text.trimStart().split(/\s/, 1);
  return CONTROL_VERBS.some((known) => known === verb);
}

interface Building extends Exchange {
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

/** Reads a block's lines. Mistakes are handed to `report`, and the line is passed over. */
export function readTranscript(
  lines: readonly BlockLine[],
  markers: Markers,
  file: string,
  report: (error: WiredocError) => void,
): readonly Step[] {
  const steps: Step[] = [];
  let connection = "";
  let building: Building | undefined;
  let blanks = NO_LINES;
  const flush = (): void => {
    if (building) steps.push(building);
    building = undefined;
    blanks = NO_LINES;
  };
  const begin = (line: number): Building => {
    flush();
    building = { kind: "exchange", connection, line, sends: NO_LINES, expects: NO_LINES };
    return building;
  };
  // Documents have many lines, most of them read once: an iterator would cost more than what is done with a line.
  for (let i = 0; i < lines.length; i++) {
    const blockLine = lines[i]!;
    const { text, line, column } = blockLine;
    const reading = readLine(text, markers);
    switch (reading.kind) {
      case "malformed":
        report(
          new WiredocError(
            "bad-marker",
            `"${text.slice(0, 20)}": after ${reading.marker} comes a space and the text (or nothing); a reply line that begins so is written "<<< ${text.slice(0, 20)}"`,
            { file, line, column },
          ),
        );
        break;
      case "blank":
        blanks = append(blanks, text === "" ? blockLine : { ...blockLine, text: "" });
        break;
      case "client": {
        connection = reading.connection;
        const same = building?.connection === connection && building.expects.length === 0 && building.sends.length > 0;
        const exchange = same ? building! : begin(line);
        blanks = NO_LINES;
        exchange.sends = append(exchange.sends, {
          text: reading.text,
          line,
          column: column + reading.column,
          marked: true,
        });
        break;
      }
      case "plain":
      case "reply": {
        if (reading.kind === "plain" && markers.reply) {
          report(
            new WiredocError(
              "bad-marker",
              `this line has no marker; where front matter sets "reply", every line has one`,
              { file, line, column },
            ),
          );
          break;
        }
        // Alone, the marker goes on with the connection above: it is an empty line at the end of a reply.
        if (reading.kind === "reply" && (reading.connection !== "" || reading.text !== ""))
          connection = reading.connection;
        const written: WrittenLine =
          reading.kind === "reply"
            ? { text: reading.text, line, column: column + reading.column, marked: true }
            : blockLine;
        const exchange = building?.connection === connection ? building : undefined;
        if (exchange) for (const blank of blanks) exchange.expects = append(exchange.expects, blank);
        const answered = exchange ?? begin(line);
        answered.expects = append(answered.expects, written);
        blanks = NO_LINES;
        break;
      }
      case "control": {
        flush();
        connection = reading.connection || connection;
        const control = readControl(reading.text, connection, { file, line, column }, report);
        if (control) steps.push(control);
        break;
      }
      default:
        reading satisfies never;
    }
  }
  flush();
  return steps;
}

const TAKES_ARGUMENT: Readonly<Partial<Record<ControlVerb, "required" | "optional">>> = {
  silence: "required",
  wait: "required",
  connect: "optional",
};

function readControl(
  text: string,
  connection: string,
  span: { readonly file: string; readonly line: number; readonly column: number },
  report: (error: WiredocError) => void,
): Control | undefined {
  const [, word = "", argument = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(text)!;
  const verb = CONTROL_VERBS.find((known) => known === word);
  if (!verb) {
    const found = word === "" ? "=== needs a control" : `"${word}" is no control${didYouMean(word, CONTROL_VERBS)}`;
    report(new WiredocError("unknown-control", `${found}; there are ${oneOf(CONTROL_VERBS)}`, span));
    return undefined;
  }
  const takes = TAKES_ARGUMENT[verb];
  if (takes === "required" && argument === "") {
    report(new WiredocError("bad-control", `=== ${verb} needs a duration, as in "=== ${verb} 200ms"`, span));
    return undefined;
  }
  if (!takes && argument !== "") {
    report(new WiredocError("bad-control", `=== ${verb} stands alone; "${argument}" is too much`, span));
    return undefined;
  }
  return { kind: "control", connection, verb, argument, line: span.line, column: span.column };
}
