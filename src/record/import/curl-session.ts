/** What curl tells of its transfers, whichever way it tells it: from what it says, conversations. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import { authorityOf, type Conversation, type Recording, type Step } from "./conversation.ts";
import {
  type Header,
  hasBody,
  headerValue,
  LARGEST_BODY,
  lengthOf,
  readHeader,
  requestBytes,
  responseBytes,
  withoutChunks,
} from "./http-message.ts";

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/[\d.]+$/;
const STATUS_LINE = /^HTTP\/[\d.]+ (\d{3})(?: (.*))?$/;
/** curl names the host and its address, and since version 8.16 the ports of both ends. */
const CONNECTED = /^(?:Connected to (\S+) \((\S+)\) port (\d+)|Established connection to (\S+) \((\S+) port (\d+)\))/;
const REUSED = /^Re-?using existing .*(?:connection|host)[^:]* (?:with|host) (?:host )?(\S+)/i;

interface Connection {
  readonly host: string;
  readonly port: number | undefined;
  /** The path of a Unix socket. */
  readonly socket: string | undefined;
  isTls: boolean;
  isHttp: boolean;
  readonly steps: Step[];
}

interface Request {
  readonly method: ByteString;
  readonly path: ByteString;
  readonly headers: readonly Header[];
  body: ByteString;
}

interface Response {
  readonly status: number;
  readonly reason: ByteString;
  readonly headers: readonly Header[];
  /** As its head was told, in one piece. */
  readonly head: ByteString;
  body: ByteString | undefined;
  /** Whether what there is of its body is not all of it, or not exact. */
  isInexact: boolean;
}

/** A response whose body is still to be told. */
export interface DueBody {
  /** In bytes; undefined: its head does not say. */
  readonly length: number | undefined;
  readonly head: ByteString;
}

export class CurlSession {
  readonly #connections: Connection[] = [];
  readonly #warnings = new Set<string>();
  #connection: Connection | undefined;
  /** Lines of a head that is incomplete. */
  #head: { readonly by: Party; readonly lines: ByteString[] } | undefined;
  #request: Request | undefined;
  /** A request of the proxy that a connection leads through. */
  #isTunnel = false;
  #response: Response | undefined;
  /** The method of the request that was sent; undefined: the response to come has none in the document. */
  #method: ByteString | undefined;
  #at = 0;

  info(text: ByteString): void {
    const connected = CONNECTED.exec(text);
    if (connected) {
      this.#finish();
      const [name, address, port] = connected.slice(connected[1] === undefined ? 4 : 1);
      this.#open(name!, Number(port), address!.startsWith("/") ? address : undefined);
    }
    const reused = REUSED.exec(text)?.[1];
    if (reused !== undefined) {
      this.#finish();
      this.#connection = this.#connections.findLast(({ host }) => host === reused) ?? this.#connection;
    }
    if (this.#connection && /^(?:SSL connection using|TLSv1\.\d \()/.test(text)) this.#connection.isTls = true;
  }

  #open(host: string, port: number | undefined, socket: string | undefined): Connection {
    this.#connection = { host, port, socket, isTls: port === 443, isHttp: true, steps: [] };
    this.#connections.push(this.#connection);
    return this.#connection;
  }

  /** A line of a head, or of a protocol of lines, without its ending. */
  line(by: Party, text: ByteString): void {
    const starts = by === "client" ? REQUEST_LINE.test(text) : STATUS_LINE.test(text);
    if (starts && this.#head?.by !== by) this.#begin(by);
    if (this.#head?.by !== by) return this.#lineOfOther(by, text);
    this.#head.lines.push(text);
    if (text !== "") return;
    const { lines } = this.#head;
    this.#head = undefined;
    if (by === "client") this.#takeRequest(lines);
    else this.#takeResponse(lines);
  }

  #begin(by: Party): void {
    if (by === "client") this.#finish();
    this.#connection ??= this.#open("", undefined, undefined);
    this.#head = { by, lines: [] };
  }

  /** SMTP, IMAP, FTP and so on. */
  #lineOfOther(by: Party, text: ByteString): void {
    const connection = this.#connection;
    // What follows a head is noise.
    if (connection?.isHttp && connection.steps.length > 0) return;
    const open = connection ?? this.#open("", undefined, undefined);
    open.isHttp = false;
    this.#say(open, by, `${text}\r\n`);
  }

  #takeRequest(lines: readonly ByteString[]): void {
    const [, method, path] = REQUEST_LINE.exec(lines[0]!)!;
    this.#isTunnel = method === "CONNECT";
    if (this.#isTunnel) {
      const [, host, port] = /^(.*):(\d+)$/.exec(path!) ?? [];
      this.#connections.splice(this.#connections.indexOf(this.#connection!), 1);
      this.#open(host ?? path!, port === undefined ? 443 : Number(port), undefined);
    } else this.#request = { method: method!, path: path!, headers: headersOf(lines), body: "" };
  }

  #takeResponse(lines: readonly ByteString[]): void {
    const [, code, reason] = STATUS_LINE.exec(lines[0]!)!;
    const status = Number(code);
    // An interim response changes nothing in the document, and with an upgrade to HTTP/2 there is none.
    if (status < 200) return;
    if (this.#isTunnel) {
      this.#isTunnel = status >= 300;
      return;
    }
    this.#finishRequest();
    this.#finishResponse();
    const head = lines.map((line) => `${line}\r\n`).join("");
    this.#response = {
      status,
      reason: reason ?? "",
      headers: headersOf(lines),
      head,
      body: undefined,
      isInexact: false,
    };
  }

  /** Bytes that are not of a head. */
  data(by: Party, bytes: ByteString): void {
    const connection = this.#connection;
    if (connection && !connection.isHttp) this.#say(connection, by, bytes);
    else if (by === "client" && this.#request) this.#request.body += bytes;
    else if (by === "server" && this.#response) this.#response.body = (this.#response.body ?? "") + bytes;
  }

  /** Bytes were sent that are not told. */
  hidden(): void {
    if (this.#connection && !this.#connection.isHttp)
      this.#warnings.add(`a message that curl sent is not in the file: ${REMEDY}`);
  }

  get due(): DueBody | undefined {
    const response = this.#response;
    if (!response || response.body !== undefined || this.#method === undefined) return undefined;
    if (!hasBody(this.#method, response.status)) return undefined;
    return { length: lengthOf(response.headers), head: response.head };
  }

  /** Bytes that are not all there, or not as they were: no response is compared with them. */
  inexact(by: Party, bytes: ByteString, why: string): void {
    this.#warnings.add(why);
    this.data(by, bytes);
    if (by === "server" && this.#response) this.#response.isInexact = true;
  }

  #finishRequest(): void {
    const request = this.#request;
    if (!request) return;
    this.#request = undefined;
    this.#method = undefined;
    const { method, path, headers } = request;
    const isCoded = headerValue(headers, "transfer-encoding") !== undefined;
    const body = (isCoded ? withoutChunks(request.body) : undefined) ?? request.body;
    if (body === "" && (isCoded || (lengthOf(headers) ?? 0) > 0)) {
      this.#warnings.add(`${method} ${path} is left out, because the file does not have its body: ${REMEDY}`);
      return;
    }
    const bytes = requestBytes({ ...request, host: undefined, body });
    if (bytes === undefined) return;
    this.#method = method;
    this.#say(this.#connection!, "client", bytes);
  }

  #finishResponse(): void {
    const response = this.#response;
    this.#response = undefined;
    if (!response || this.#method === undefined) return;
    const isChunked = /chunked/i.test(headerValue(response.headers, "transfer-encoding") ?? "");
    const isUsable = !response.isInexact && (response.body?.length ?? 0) <= LARGEST_BODY;
    const told = isUsable ? response.body : undefined;
    const body = (isChunked && told !== undefined ? withoutChunks(told) : undefined) ?? told;
    const isEmpty = lengthOf(response.headers) === 0 || !hasBody(this.#method, response.status);
    const bytes = responseBytes(this.#method, { ...response, body: body ?? (isEmpty ? "" : undefined) });
    const isHeadOnly = body === undefined && !isEmpty;
    this.#connection!.steps.push({ by: "server", bytes, at: this.#at++, ...(isHeadOnly && { isHeadOnly }) });
  }

  #say(connection: Connection, by: Party, bytes: ByteString): void {
    connection.steps.push({ by, bytes, at: this.#at++ });
  }

  #finish(): void {
    this.#finishRequest();
    this.#finishResponse();
    this.#head = undefined;
  }

  end(): Recording {
    this.#finish();
    const conversations = this.#connections
      .filter(({ steps }) => steps.length > 0)
      .map((connection): Conversation => ({ target: targetOf(connection), steps: connection.steps }));
    return { conversations, warnings: [...this.#warnings] };
  }
}

export const REMEDY = "record it with `curl --trace FILE`";

const headersOf = (lines: readonly ByteString[]): readonly Header[] =>
  lines.slice(1).flatMap((line) => readHeader(line) ?? []);

function targetOf({ host, port, socket, isTls, isHttp, steps }: Connection): string | undefined {
  if (socket !== undefined) return `unix:${socket}`;
  const scheme = isHttp ? (isTls ? "https" : "http") : isTls ? "tls" : "tcp";
  if (port !== undefined) return `${scheme}://${authorityOf(host, port)}`;
  const [, named] = /^Host: *([^\s/@]+)\r$/im.exec(steps[0]?.bytes ?? "") ?? [];
  return named === undefined ? undefined : `http://${named}`;
}
