/** `curl --trace` and `--trace-ascii`: what was sent and received as a dump. The second shows a byte that is no text as `.`. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import type { Recording, Source } from "./conversation.ts";
import { CurlSession, REMEDY } from "./curl-session.ts";
import { badRecording } from "./mistake.ts";
import { textLines } from "./text-lines.ts";

/** A time (`--trace-time`) and numbers (`--trace-ids`) may stand before it. */
const TITLE =
  /^(?:\d\d:\d\d:\d\d\.\d+ )?(?:\[[\dx-]+\] )?(?:== Info: (.*)|(?:=>|<=) (Send|Recv) (header|data|SSL data), (\d+) bytes \(0x[0-9a-f]+\))$/;
const ROW = /^([0-9a-f]{4,}): (.*)$/;
/** The hexadecimal column of a row is filled with spaces up to this width. */
const HEX_WIDTH = 48;

export const isCurlTrace = (beginning: ByteString): boolean =>
  /^(?:\d\d:\d\d:\d\d\.\d+ )?(?:\[[\dx-]+\] )?(?:== Info: |(?:=>|<=) (?:Send|Recv) (?:header|data|SSL data), \d)/m.test(
    beginning,
  );

interface Block {
  readonly by: Party;
  readonly kind: string;
  readonly length: number;
  readonly line: number;
  readonly rows: { readonly at: number; readonly text: ByteString }[];
}

export function readCurlTrace({ file, text }: Source): Recording {
  const session = new CurlSession();
  const heads: Record<Party, ByteString> = { client: "", server: "" };
  let block: Block | undefined;
  const end = (): void => {
    if (block) tell(session, block, heads, file);
    block = undefined;
  };
  for (const line of textLines(text)) {
    const title = TITLE.exec(line.text);
    const row = title ? null : ROW.exec(line.text);
    if (title) {
      end();
      const [, info, verb, kind, length] = title;
      if (info !== undefined) session.info(info);
      else
        block = {
          by: verb === "Send" ? "client" : "server",
          kind: kind!,
          length: Number(length),
          line: line.number,
          rows: [],
        };
    } else if (row) block?.rows.push({ at: Number.parseInt(row[1]!, 16), text: row[2]! });
  }
  end();
  return session.end();
}

function tell(session: CurlSession, block: Block, heads: Record<Party, ByteString>, file: string): void {
  const { by, kind, length, line } = block;
  if (kind === "SSL data") return;
  const inHex = fromHex(block);
  const isExact = inHex?.length === length;
  const bytes = isExact ? inHex : fromText(block);
  if (bytes.length !== length) {
    const found = (inHex ?? bytes).length;
    throw badRecording(
      file,
      line,
      `the title says ${length} bytes, but ${found} follow: record it anew, or restore the rows`,
    );
  }
  if (kind === "header") {
    heads[by] += bytes;
    const lines = heads[by].split("\r\n");
    heads[by] = lines.pop()!;
    for (const one of lines) session.line(by, one);
  } else if (!isExact && bytes.includes(".")) session.inexact(by, bytes, INEXACT);
  else session.data(by, bytes);
}

const INEXACT = `--trace-ascii shows a line feed and a byte that is no text as ".", so bodies with a "." are not exact: ${REMEDY}`;

/** Undefined where the rows are no dump in hexadecimal. */
function fromHex({ rows }: Block): ByteString | undefined {
  const isDump = rows.every(({ text }) => /^(?:[0-9a-f]{2} ){1,16} *(?:$|.{1,16}$)/.test(text));
  const digits = rows.map(({ text }) => text.slice(0, HEX_WIDTH).replace(/ /g, "")).join("");
  return isDump ? Buffer.from(digits, "hex").toString("latin1") : undefined;
}

/** A row ends where the next one begins: two bytes that it does not show are a line ending. */
const fromText = ({ rows, length }: Block): ByteString =>
  rows.map(({ at, text }, i) => text + ((rows[i + 1]?.at ?? length) - at - text.length === 2 ? "\r\n" : "")).join("");
