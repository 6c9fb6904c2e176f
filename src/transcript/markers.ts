/** The markers that lines begin with (format guide, section 3), or those that a document has in their place (section 1). */
import { type BlockLine, isBlank } from "./block.ts";
import { AFTER_MARKER } from "./checks.ts";
import { CONTROL_VERBS, type Marker } from "./model.ts";

/** Which markers a document uses; undefined: `>>> ` and `<<< `. */
export interface Markers {
  readonly client: readonly Marker[] | undefined;
  readonly reply: readonly Marker[] | undefined;
}

/** A line by its marker. */
export type MarkedLine =
  | { readonly kind: "blank" | "plain" }
  | {
      readonly kind: "client" | "reply" | "control";
      readonly connection: string;
      readonly text: string;
      /** Where the text begins, from 0. */
      readonly column: number;
    }
  /** What begins like a marker and is none. */
  | { readonly kind: "malformed"; readonly marker: string };

const MARKED = /^([A-Za-z][A-Za-z0-9_-]*)?(>>>|<<<|===)(?: (.*))?$/s;
const MALFORMED = /^(?:>>>(?=[^> ])|<<<(?=[^< ])|===(?=[^= ]))/;
const MAY_BE_MARKED = /^(?:[A-Za-z][A-Za-z0-9_-]*)?[<>=]/;
const BLANK: MarkedLine = { kind: "blank" };
const PLAIN: MarkedLine = { kind: "plain" };
const KINDS = { ">>>": "client", "<<<": "reply", "===": "control" } as const;

function readOwnMarker(markers: readonly Marker[], kind: "client" | "reply", text: string): MarkedLine | undefined {
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
    const said = group("text") ?? group(AFTER_MARKER) ?? "";
    return { kind, connection: group("connection") ?? "", text: said, column: text.length - said.length };
  }
  return undefined;
}

/** What a line is by its marker; nothing else of it is read. */
export function readMarker(text: string, { client, reply }: Markers): MarkedLine {
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
  const custom = (client && readOwnMarker(client, "client", text)) ?? (reply && readOwnMarker(reply, "reply", text));
  if (custom) return custom;
  const malformed = MALFORMED.exec(text)?.[0];
  const isMarker = malformed === "===" || (malformed === ">>>" ? !client : !reply);
  if (malformed && isMarker) return { kind: "malformed", marker: malformed };
  return { kind: isBlank(text) ? "blank" : "plain" };
}

/** Whether a block holds at least one client line. */
export const hasClientLine = (lines: readonly BlockLine[], markers: Markers): boolean =>
  lines.some(({ text }) => readMarker(text, markers).kind === "client");

/** Whether a line bears a marker; after `===` it has to be a control that exists. */
export function isMarked(text: string, markers: Markers): boolean {
  const read = readMarker(text, markers);
  if (read.kind !== "control") return read.kind === "client" || read.kind === "reply";
  const [verb] = read.text.trimStart().split(/\s/, 1);
  return CONTROL_VERBS.some((known) => known === verb);
}
