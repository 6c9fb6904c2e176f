/**
 * A command line taken apart as redis-cli does it: arguments between white space; in "double quotes" \xHH, \n, \r, \t, \b
 * and \a are escapes and \ before anything else is that character; in 'single quotes' only \' is one. A closing quote
 * ends its argument.
 *
 * Non-goals: redis-cli's own commands (`help`, `connect`), the number in front of a command that repeats it, and the
 * preferences that begin with a colon: every line is a command and goes to the server.
 */
import { type ByteString, decodeText, displayText } from "../../base/bytes.ts";
import { quote } from "./render.ts";

const SPACE = /[ \t\n\v\f\r]*/y;
const PLAIN = /[^ \t\n\v\f\r"']*/y;
const DOUBLE_QUOTED = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y;
const SINGLE_QUOTED = /'([^'\\]*(?:\\(?:'|(?!'))[^'\\]*)*)'/y;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

export const readEscapes = (text: ByteString): ByteString =>
  text.replace(ESCAPE, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (ESCAPED[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** What a pattern takes at a place, and its group. */
function take(pattern: RegExp, text: ByteString, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * None for an empty line.
 * @param fail told of a quote that is not closed, or of text that follows one that is, and its byte in the line, from 0 on.
 */
export function splitCommand(bytes: ByteString, fail: (message: string, at: number) => never): readonly ByteString[] {
  const args: ByteString[] = [];
  let at = take(SPACE, bytes, 0)![0].length;
  while (at < bytes.length) {
    const plain = take(PLAIN, bytes, at)![0];
    at += plain.length;
    const quote = bytes[at];
    if (quote !== '"' && quote !== "'") args.push(plain);
    else {
      const quoted = take(quote === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED, bytes, at);
      if (!quoted) return fail(`the quote ${quote} is not closed`, at);
      const text = quote === '"' ? readEscapes(quoted[1]!) : quoted[1]!.replaceAll("\\'", "'");
      args.push(plain + text);
      at += quoted[0].length;
      const next = take(SPACE, bytes, at)![0].length;
      if (next === 0 && at < bytes.length) fail(`a closing ${quote} ends its argument; a space has to follow`, at);
    }
    at += take(SPACE, bytes, at)![0].length;
  }
  return args;
}

/** What needs no quotes: visible text without white space and quotes. */
const BARE = /^[^\s"'\x00-\x1f]+$/;

/** A command line that is split into these arguments again; as readable as it can be. */
export const joinCommand = (args: readonly ByteString[]): ByteString => args.map(writeArgument).join(" ");

function writeArgument(arg: ByteString): ByteString {
  const text = decodeText(arg);
  const isVisible = displayText(text) === text;
  if (isVisible && BARE.test(text)) return arg;
  return isVisible && !text.includes("\t") ? `"${arg.replace(/["\\]/g, "\\$&")}"` : quote(arg);
}

/** A command as RESP has it from clients: an array of bulk strings. */
export function encodeCommand(args: readonly ByteString[]): ByteString {
  let bytes = `*${args.length}\r\n`;
  for (const arg of args) bytes += `$${arg.length}\r\n${arg}\r\n`;
  return bytes;
}
