/** Wireshark's "C Arrays": an array for each message, named by who says it and how often it has spoken. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import type { Recording, Source, Step } from "./conversation.ts";
import { bytesOfHex } from "./hex-digits.ts";
import { badRecording } from "./mistake.ts";
import { textLines } from "./text-lines.ts";

const BEGINNING = /^char peer([01])_\d+\[\] = \{/;
const COMMENT = /\/\*[^*]*\*\//g;

export const isCArrays = (beginning: ByteString): boolean => new RegExp(BEGINNING, "m").test(beginning);

interface OpenArray {
  readonly by: Party;
  readonly line: number;
  readonly pieces: string[];
}

export function readCArrays({ file, text }: Source): Recording {
  const steps: Step[] = [];
  let open: OpenArray | undefined;
  const mustBeClosed = (): void => {
    if (open) throw badRecording(file, open.line, "this array has no end: save the stream anew");
  };
  for (const line of textLines(text)) {
    const beginning = BEGINNING.exec(line.text);
    if (beginning) {
      mustBeClosed();
      open = { by: beginning[1] === "0" ? "client" : "server", line: line.number, pieces: [] };
    }
    if (!open) continue;
    const items = line.text.slice(beginning?.[0].length ?? 0).replace(COMMENT, "");
    const end = items.indexOf("}");
    open.pieces.push(end < 0 ? items : items.slice(0, end));
    if (end < 0) continue;
    steps.push({ by: open.by, bytes: bytesOf(open, file), at: steps.length });
    open = undefined;
  }
  mustBeClosed();
  return { conversations: [{ target: undefined, steps }], warnings: [] };
}

function bytesOf({ pieces, line }: OpenArray, file: string): ByteString {
  const items = pieces.join(" ").split(",");
  // A comma may follow the last one.
  if (items.at(-1)!.trim() === "") items.pop();
  const digits = items.map((item) => item.trim().replace(/^0x(?=..$)/, "")).join("");
  const bytes = bytesOfHex(digits);
  if (bytes?.length !== items.length)
    throw badRecording(file, line, "an array of bytes such as 0x2a is expected here: save the stream anew");
  return bytes;
}
