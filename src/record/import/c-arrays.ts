/** Wireshark's "C Arrays": an array for each message, named by who says it and how often it has spoken. */
import type { ByteString } from "../../base/bytes.ts";
import type { Recording, Source, Step } from "./conversation.ts";
import { badRecording } from "./mistake.ts";
import { lineAt } from "./text-lines.ts";

const ARRAY = /^char peer([01])_\d+\[\] = \{(?: \/\*[^*\n]*\*\/)?([^}]*)\};?/gm;
const BEGINNING = /^char peer[01]_\d+\[\] = \{/gm;

export const isCArrays = (beginning: ByteString): boolean => /^char peer[01]_\d+\[\] = \{/m.test(beginning);

export function readCArrays({ file, text }: Source): Recording {
  const steps: Step[] = [];
  const read = new Set<number>();
  for (const { 1: peer, 2: items, index } of text.matchAll(ARRAY)) {
    if (!/^\s*(?:0x[0-9a-f]{2}\s*(?:,\s*|$))*$/i.test(items!))
      throw badRecording(
        file,
        lineAt(text, index),
        "an array of bytes such as 0x2a is expected here: save the stream anew",
      );
    const digits = items!.match(/(?<=0x)../g)?.join("") ?? "";
    const bytes = Buffer.from(digits, "hex").toString("latin1");
    steps.push({ by: peer === "0" ? "client" : "server", bytes, at: steps.length });
    read.add(index);
  }
  for (const { index } of text.matchAll(BEGINNING))
    if (!read.has(index)) throw badRecording(file, lineAt(text, index), "this array has no end: save the stream anew");
  return { conversations: [{ target: undefined, steps }], warnings: [] };
}
