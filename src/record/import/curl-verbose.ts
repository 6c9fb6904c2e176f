/** `curl -v`: lines with `*`, `>` and `<`, and among them bodies and the progress meter, as a terminal or a pipe mixes them. */
import type { ByteString } from "../../base/bytes.ts";
import type { Recording, Source } from "./conversation.ts";
import { CurlSession, type DueBody } from "./curl-session.ts";

/** Rows of the progress meter, its heading, and the marks for data that stands elsewhere. */
const NOISE =
  /\r[ \d.kMGTP]{20,60}[-:\ddhmy ]{20,60}[ \d.kMGTP]{0,10}\n?|^ *% Total [^\n]{0,200}\n *Dload [^\n]{0,200}\n|\{ \[\d+ bytes data\]\r?\n/gm;

/** What curl says after a body or in the place of one. Anything else there is taken for the body. */
const INFO =
  "\\* (?: *Trying |Connected to |Connection #?\\d|Closing |closing |Found bundle|Re-?using |Can not multiplex|Could not |Could NOT |Host |Hostname |Issue another|Ignoring the response|Mark bundle|Maxx? |Switched |Added cookie|Replaced cookie|TLSv1|SSL |old SSL|schannel|shutting down|transfer closed|Operation timed|Excess found|upload completely|We are completely|Request completely|The requested URL|HTTP error|Server auth|Authentication problem|no chunk|Leftovers|Uses proxy|NTLM|IPv[46]|ALPN|h2|\\[HTTP|using HTTP|Using HTTP|Recv failure|Empty reply|Established )";
const MARKER = new RegExp(`${INFO}|^> [A-Z]+ \\S+ HTTP/|^< HTTP/`, "gm");
const FIRST_MARKER = new RegExp(`^(?:\\r?\\n?(?:${INFO}|> [A-Z]+ \\S+ HTTP/|< HTTP/|\\} \\[)|\\r?\\n?$)`);
const LONGEST_INFO = 200;

export const isCurlVerbose = (beginning: ByteString): boolean =>
  /^(?:> [A-Z]+ \S+ HTTP\/|< HTTP\/[\d.]+ \d{3}|\* {1,3}(?:Trying|Connected to|Host|Established connection) )/m.test(
    beginning,
  ) ||
  (/^> \S/m.test(beginning) && /^< \S/m.test(beginning));

export function readCurlVerbose({ text: told }: Source): Recording {
  const text = told.replace(NOISE, "");
  const session = new CurlSession();
  for (let at = 0; at < text.length; ) {
    const { due } = session;
    if (due && !isMarker(text, at)) {
      const from = at + headLength(text, at, due);
      const { body, end, isCut } = takeBody(text, from, due);
      if (isCut) session.inexact("server", body, CUT);
      else session.data("server", body);
      at = Math.max(end, at + 1);
    } else at = takeLine(text, at, session);
  }
  return session.end();
}

const isMarker = (text: ByteString, at: number): boolean => FIRST_MARKER.test(text.slice(at, at + LONGEST_INFO));

/** `curl -i` writes the head once more before the body. */
function headLength(text: ByteString, at: number, { head }: DueBody): number {
  if (text.startsWith(head, at)) return head.length;
  const plain = head.replaceAll("\r\n", "\n");
  return text.startsWith(plain, at) ? plain.length : 0;
}

interface Body {
  readonly body: ByteString;
  readonly end: number;
  readonly isCut: boolean;
}

const CUT = "the file ends within the body of a response, so that no body is compared there";

function takeBody(text: ByteString, from: number, { length }: DueBody): Body {
  if (length !== undefined && from + length <= text.length && isMarker(text, from + length))
    return { body: text.slice(from, from + length), end: from + length, isCut: false };
  MARKER.lastIndex = from;
  const end = MARKER.exec(text)?.index ?? text.length;
  const body = text.slice(from, end);
  return { body, end, isCut: end === text.length && length !== undefined && isCut(body, length) };
}

/** Whether a body is shorter than its head says, and not because a program has changed its line endings or its coding. */
const isCut = (body: ByteString, length: number): boolean =>
  body.length < length && body.length + (body.match(/\n/g)?.length ?? 0) < length;

/** @returns where the next line begins. */
function takeLine(text: ByteString, at: number, session: CurlSession): number {
  const end = text.indexOf("\n", at);
  const next = end < 0 ? text.length : end + 1;
  const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, "");
  const rest = line.slice(2);
  if (line.startsWith("* ")) session.info(rest);
  else if (line.startsWith("> ") || line === ">") session.line("client", rest);
  else if (line.startsWith("< ") || line === "<") session.line("server", rest);
  else if (line.startsWith("} [")) session.hidden();
  return next;
}
