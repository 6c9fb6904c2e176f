/**
 * HTTP as a page tells it: a request without what the dialect completes by itself, and of its response the status line, the
 * headers that say the same next time, and the body with its codings undone.
 */
import type { ByteString } from "../base/bytes.ts";
import { isLineError } from "../dialects/errors.ts";
import { receivedHeader, textOfStatus } from "../dialects/http/headers.ts";
import { encodeRequest } from "../dialects/http/request.ts";
import { writeText } from "../write/line-text.ts";
import type { Heard, Portrait } from "./portrait.ts";
import type { Cookie, WordedReply } from "./scene.ts";
import { freeReply, isText, type Worded, type Wording } from "./wording.ts";

/** Headers of a response that are the same next time. */
const KEPT = /^(?:content-type|location|allow|content-range|content-disposition|access-control-allow-\w+)$/i;
/** So much of a body that is no text is written. */
const MOST_BYTES = 256;

export class HttpPortrait implements Portrait {
  readonly #wording: Wording;
  /** What the dialect names in `Host`. */
  readonly #host: string;
  readonly #aliases: readonly string[];
  /** The method of the request that is answered next decides whether its response has a body. */
  readonly #methods: string[] = [];

  /** @param aliases other addresses of the server, which become `host`. */
  constructor(wording: Wording, host: string, aliases: readonly string[]) {
    this.#wording = wording;
    this.#host = host;
    this.#aliases = aliases;
  }

  /** Lines as they are said to the server itself, and by it. */
  #direct(lines: readonly ByteString[]): readonly ByteString[] {
    if (this.#aliases.length === 0) return lines;
    const replace = (text: ByteString, alias: string): ByteString =>
      text.includes(alias)
        ? text.replace(new RegExp(`${alias.replace(/[.[\]]/g, "\\$&")}(?!\\d)`, "g"), this.#host)
        : text;
    return lines.map((line) => this.#aliases.reduce(replace, line));
  }

  request(heard: Heard): readonly Worded[] | string {
    const lines = heard.flatMap((one) => one.lines);
    const end = lines.findIndex((line) => /^\r?\n$/.test(line));
    const [first = "", ...headers] = this.#direct(end < 0 ? lines : lines.slice(0, end));
    const body = end < 0 ? "" : lines.slice(end + 1).join("");
    const problem = whyNot(lines, this.#host);
    this.#methods.push(/^\S*/.exec(first)![0]);
    if (problem !== undefined) return problem;
    const kept = headers.filter((line) => !this.#isCompleted(line, body));
    const isEncoded = headers.some((line) => /^transfer-encoding\s*:/i.test(line));
    const head = [first, ...kept].map((line) => this.#line(line, "crlf"));
    return body === "" ? head : [...head, { text: "", marked: true }, ...this.#body(body, isEncoded)];
  }

  /** Whether the dialect adds this header by itself. */
  #isCompleted(line: ByteString, body: ByteString): boolean {
    const { name, value } = receivedHeader(line, 0);
    if (/^host$/i.test(name)) return value === this.#host;
    return /^content-length$/i.test(name) && body !== "" && value === String(body.length);
  }

  #line(line: ByteString, ending: "crlf" | "named"): Worded {
    return { text: writeText(line, "client", ending), marked: true };
  }

  /** The last line of a body has no ending but a written one; that of a body in chunks is sent as it stands. */
  #body(body: ByteString, isEncoded: boolean): readonly Worded[] {
    if (!isText(body)) return this.#wording.bytes(body);
    const lines = body.match(/[^\n]*\n|[^\n]+/g)!;
    return lines.map((line, i) => {
      if (i < lines.length - 1 || isEncoded) return this.#line(line, "crlf");
      return line.endsWith("\n") ? this.#line(line, "named") : this.#line(`${line}\r\n`, "crlf");
    });
  }

  response(heard: Heard, isBegun: boolean): readonly WordedReply[] {
    if (heard.every(({ part }) => part === "interim")) return [];
    const bodyLines = this.#direct(heard.filter(({ part }) => part === "body").flatMap(({ lines }) => lines));
    if (isBegun) return bodyLines.map(freeReply);
    const method = this.#methods[0];
    const head = this.head(heard);
    if (method === "HEAD" || /^HTTP\/1\.[01] (?:1..|204|304)(?: |$)/.test(head[0]!.text)) return head;
    return [...head, { text: "", marked: false }, ...this.#responseBody(bodyLines)];
  }

  head(heard: Heard): readonly WordedReply[] {
    const heads = heard.filter(({ part }) => part === "head" || part === "upgrade");
    const [status = "", ...headers] = this.#direct(heads.flatMap(({ lines }) => lines));
    this.#methods.shift();
    return [freeReply(textOfStatus(status)), ...headers.flatMap(headerLine)];
  }

  #responseBody(lines: readonly ByteString[]): readonly WordedReply[] {
    const body = lines.join("");
    if (body === "") return [{ text: "", marked: true }];
    // Empty lines alone would be read as no body.
    if (isText(body) && /[^\r\n]/.test(body)) return lines.map(freeReply);
    const rows = this.#wording.bytes(body.slice(0, MOST_BYTES));
    const end = body.length > MOST_BYTES ? [{ text: `...${this.#wording.suffix}`, marked: false }] : [];
    return [...rows, ...end].map((row) => ({ ...row, isBytes: true }));
  }
}

function headerLine(line: ByteString): readonly WordedReply[] {
  const { name, value } = receivedHeader(line, 0);
  if (/^set-cookie$/i.test(name)) return [cookieLine(name, value)];
  return KEPT.test(name) ? [freeReply(`${name}: ${value}`)] : [];
}

/** A cookie's value and when it expires are left open. */
function cookieLine(name: string, header: ByteString): WordedReply {
  const [, cookie, value, attributes] = /^([^\s=;]+)=([^;]*)(.*)$/s.exec(header) ?? [];
  if (cookie === undefined || !/^[\x21-\x7e]+$/.test(cookie) || cookie.includes("{{"))
    return freeReply(`${name}: {{_}}`);
  const after = freeReply(`${attributes}`).text.replace(/(expires=)[^;]*/i, "$1{{_}}");
  if (/ \([a-z-]+\)$/.test(after) || !isText(header)) return { text: `${name}: ${cookie}={{_:any}}`, marked: false };
  const found: Cookie = { name: cookie, value: value!, pattern: `${cookie}={{_:any}}` };
  return { text: `${name}: ${found.pattern}${after}`, marked: false, cookie: found };
}

/** Why a request cannot be written: the dialect completes no such thing. */
function whyNot(lines: readonly ByteString[], host: string): string | undefined {
  const outgoing = lines.map((line, i) => {
    const ending = /\r?\n$/.exec(line)?.[0] ?? "";
    const bytes = ending === "" ? line : line.slice(0, -ending.length);
    return { bytes, ending, endingWritten: true, line: i + 1, column: 1 };
  });
  try {
    encodeRequest(outgoing, [], { eol: "crlf", host, complete: true });
    return undefined;
  } catch (error) {
    if (isLineError(error)) return error.message;
    throw error;
  }
}
