/** The YAML of Wireshark and of `tshark -z follow,tcp,yaml`: both peers, and each packet with its time and its data. */
import type { Document } from "yaml";
import { type ByteString, decodeText } from "../../base/bytes.ts";
import { loadYaml } from "../../base/packages.ts";
import { authorityOf, type Conversation, type Recording, type Source, type Step } from "./conversation.ts";
import { badRecording } from "./mistake.ts";
import { lineNumbers } from "./text-lines.ts";

/** tshark prints the streams that it was asked for one after the other. */
const BEGINNING = /^peers:\r?$/gm;

export const isFollowYaml = (beginning: ByteString): boolean => /^peers:\r?$/m.test(beginning);

export function readFollowYaml({ file, text }: Source): Recording {
  const starts = Array.from(text.matchAll(BEGINNING), ({ index }) => index);
  const numberOf = lineNumbers(text);
  const conversations = starts.map((start, i) =>
    readStream(file, numberOf(start), text.slice(start, starts[i + 1] ?? text.length)),
  );
  return { conversations, warnings: [] };
}

/** @param above the number of the first line. */
function readStream(file: string, above: number, text: ByteString): Conversation {
  const yaml = loadYaml();
  // A line of `=` separates what tshark prints.
  const part = decodeText(text).replace(/^=+\r?$/gm, "");
  const counter = new yaml.LineCounter();
  const document = yaml.parseDocument(part, { customTags: ["binary"], lineCounter: counter });
  const [error] = document.errors;
  if (error)
    throw badRecording(
      file,
      above + counter.linePos(error.pos[0]).line - 1,
      `${firstLine(error.message)}: save the stream anew`,
    );
  const { peers, packets } = valueOfDocument(document, file, above);
  const told = Array.isArray(packets) ? packets : [];
  const steps = told.map((packet: unknown, i): Step => {
    const { peer, data, timestamp } = (packet ?? {}) as Readonly<Record<string, unknown>>;
    if ((peer !== 0 && peer !== 1) || !(data instanceof Uint8Array))
      throw badRecording(
        file,
        above,
        `packet ${i + 1} has no peer (0 or 1) or no data (!!binary): save the stream anew`,
      );
    const at = typeof timestamp === "number" ? timestamp * 1000 : i;
    return { by: peer === 0 ? "client" : "server", bytes: Buffer.from(data).toString("latin1"), at };
  });
  return { target: targetOf(peers), steps };
}

/** What Wireshark writes has no aliases, and many of them take all memory. */
function valueOfDocument(document: Document, file: string, line: number): Readonly<Record<string, unknown>> {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch (error) {
    throw badRecording(file, line, `${(error as Error).message}: save the stream anew`);
  }
}

const firstLine = (message: string): string => message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");

function targetOf(peers: unknown): string | undefined {
  const server: unknown = Array.isArray(peers) ? peers[1] : undefined;
  const { host, port } = (server ?? {}) as Readonly<Record<string, unknown>>;
  const isAddress = typeof host === "string" && /^[\w.:-]+$/.test(host) && Number.isInteger(port);
  return isAddress ? `tcp://${authorityOf(host, port as number)}` : undefined;
}
