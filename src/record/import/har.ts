/** HAR 1.2, the log of a browser or a proxy (http://www.softwareishard.com/blog/har-12-spec/). */

import type { Content, Entry, Har, Log, PostData, Request, Response } from "har-format";
import { type ByteString, decodeText, encodeText } from "../../base/bytes.ts";
import { loadYaml } from "../../base/packages.ts";
import type { Conversation, Recording, Source } from "./conversation.ts";
import { bytesOf, headersOf, numberOf, objectOf, pairsOf, type Told, textOf } from "./har-fields.ts";
import { hasBody, headerValue, LARGEST_BODY, lengthOf, requestBytes, responseBytes } from "./http-message.ts";
import { badRecording } from "./mistake.ts";
import { lineAt } from "./text-lines.ts";

export const isJson = (beginning: ByteString): boolean => /^\s*\{/.test(beginning);

export function readHar({ file, text }: Source): Recording {
  const { entries } = objectOf<Log>(objectOf<Har>(parse(file, text)).log);
  if (!Array.isArray(entries))
    throw badRecording(file, 1, "this is JSON but no HAR: the list log.entries is missing; export it as HAR");
  const left = new Map<string, number>();
  const conversations = inOrder(entries.map((entry) => objectOf<Entry>(entry))).flatMap((entry, i) => {
    const read = readEntry(entry, i * 2);
    if (typeof read !== "string") return [read];
    left.set(read, (left.get(read) ?? 0) + 1);
    return [];
  });
  const warnings = [...left].map(([why, count]) =>
    count === 1 ? `1 entry is left out: ${why}` : `${count} entries are left out: ${why}`,
  );
  return { conversations, warnings };
}

function parse(file: string, bytes: ByteString): unknown {
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const isCut = /end of JSON|Unterminated/.test(message);
    const what = isCut ? "the JSON ends too early" : "invalid JSON";
    throw badRecording(
      file,
      isCut ? lineAt(text, text.length - 1) : lineOf(text, message),
      `${what}: export it as HAR anew`,
    );
  }
}

/** More than this is not read twice, in characters. */
const LONGEST_FOR_YAML = 10_000_000;

/** Where JSON has a mistake. Node does not always say it; JSON is YAML too, whose parser does. */
function lineOf(text: string, message: string): number {
  const at = /position (\d+)/.exec(message)?.[1];
  if (at !== undefined) return lineAt(text, Number(at));
  if (text.length > LONGEST_FOR_YAML) return 1;
  const [error] = loadYaml().parseDocument(text).errors;
  return error?.linePos?.[0].line ?? 1;
}

/** By the time at which each began. */
function inOrder(entries: readonly Told<Entry>[]): readonly Told<Entry>[] {
  const timed = entries.map((entry) => ({ entry, since: Date.parse(textOf(entry.startedDateTime)) }));
  return timed.sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0)).map(({ entry }) => entry);
}

/** @returns a text: why there is no conversation. */
function readEntry(entry: Told<Entry>, at: number): Conversation | string {
  const request = objectOf<Request>(entry.request);
  const response = objectOf<Response>(entry.response);
  const url = URL.canParse(textOf(request.url)) ? new URL(textOf(request.url)) : undefined;
  if (entry._webSocketMessages !== undefined || /^wss?:$/.test(url?.protocol ?? ""))
    return "WebSocket is not imported, only HTTP";
  if (!url || !/^https?:$/.test(url.protocol)) return "the URL is not an HTTP one";
  if (entry._fromCache !== undefined) return "a cache answered, not the server";
  const status = numberOf(response.status) ?? 0;
  if (!Number.isInteger(status) || status < 200 || status > 999) return "no response was recorded";
  const method = textOf(request.method).toUpperCase();
  const asked = readRequest(request, method, url);
  if (asked === undefined) return "the request cannot be said in HTTP/1.1, or its body was not recorded";
  return {
    target: url.origin,
    steps: [
      { by: "client", bytes: asked, at },
      { by: "server", at: at + 1, ...readResponse(response, method, status) },
    ],
  };
}

function readRequest(request: Told<Request>, method: string, url: URL): ByteString | undefined {
  const headers = headersOf(request.headers, "Cookie", request.cookies);
  const body =
    request.postData === undefined ? "" : readPostData(objectOf<PostData>(request.postData), lengthOf(headers));
  if (body === undefined || (body === "" && (lengthOf(headers) ?? 0) > 0)) return undefined;
  return requestBytes({ method, path: url.pathname + url.search, headers, host: url.host, body });
}

function readPostData(
  data: Told<PostData> & { readonly encoding?: unknown },
  length: number | undefined,
): ByteString | undefined {
  const type = textOf(data.mimeType);
  const text = textOf(data.text);
  const params = pairsOf(data.params);
  if (text !== "") return bytesOf(text, data.encoding, length, type) ?? encodeText(text);
  if (params.length === 0) return "";
  // A part of a multipart body has headers that its parameter does not tell.
  if (/^multipart\//i.test(type)) return undefined;
  return new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value])).toString();
}

function readResponse(
  response: Told<Response>,
  method: string,
  status: number,
): { bytes: ByteString; isHeadOnly?: true } {
  const headers = headersOf(response.headers, "Set-Cookie", response.cookies);
  const content = objectOf<Content>(response.content);
  const length = lengthOf(headers);
  const size = numberOf(content.size);
  const text = textOf(content.text);
  // A browser does not keep every body: none of a redirect, and none that is large.
  const isKnown = text !== "" || !hasBody(method, status) || length === 0 || (!isRedirect(status) && size === 0);
  const type = textOf(content.mimeType) || (headerValue(headers, "content-type") ?? "");
  const told = isKnown ? bytesOf(text, content.encoding, size, type) : undefined;
  const body = (told?.length ?? 0) > LARGEST_BODY ? undefined : told;
  const bytes = responseBytes(method, { status, reason: encodeText(textOf(response.statusText)), headers, body });
  return body === undefined ? { bytes, isHeadOnly: true } : { bytes };
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;
