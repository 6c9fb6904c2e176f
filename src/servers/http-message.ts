import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

/** A response that is known as a whole. Without a body it has no Content-Length either. */
export interface Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

export const text = (status: number, body: string, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  headers: { "Content-type": "text/plain", ...headers },
  body,
});

export const json = (status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer => ({
  status,
  headers: { "Content-type": "application/json", ...headers },
  body: `${JSON.stringify(value)}\n`,
});

/** The body of a HEAD's response is left out by node:http, its length is not (RFC 9110, section 9.3.2). */
export function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** The whole body; undefined where it is larger than `limit` bytes. @throws where the client hangs up. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // What is too much is read to its end all the same, so that the client comes to read the answer.
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}
