import type { EventEmitter } from "node:events";
import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_PORTS } from "../base/ports.ts";
import type { ProcessGroup } from "./process-group.ts";

/** What tells that a server is ready: it takes connections, it printed something, it answers a request. */
export type Readiness =
  | { readonly kind: "tcp" }
  | { readonly kind: "output"; readonly regex: RegExp }
  | { readonly kind: "http"; readonly path: string };

/** Where a target's server listens. */
export type Address =
  | { readonly kind: "port"; readonly host: string; readonly port: number; readonly secure: boolean }
  | { readonly kind: "path"; readonly path: string };

const SECURE = new Set(["https:", "wss:", "tls:", "rediss:"]);

/** The longest that one attempt may take, and that its connection stays for what the server still says, in milliseconds. */
const ATTEMPT = 1000;
const FAREWELL = 200;
/** The pauses between attempts, in milliseconds. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 200;
/** What a search goes back in earlier output, in characters. */
const WINDOW = 8192;

/** The address in a target; undefined where there is none that a connection could be made to. */
export function addressOf(target: string): Address | undefined {
  if (!URL.canParse(target)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(target);
  if (protocol === "udp:") return undefined;
  if (protocol === "unix:") return { kind: "path", path: decodeURIComponent(pathname) };
  const number = port === "" ? DEFAULT_PORTS[protocol.slice(0, -1)] : Number(port);
  if (hostname === "" || number === undefined) return undefined;
  return { kind: "port", host: hostname.replace(/^\[|\]$/g, ""), port: number, secure: SECURE.has(protocol) };
}

/** What is waited for, for the message that says it did not come. */
export function describeReadiness(ready: Readiness, address: Address | undefined): string {
  if (ready.kind === "output") return `its output to match ${ready.regex}`;
  const where = address === undefined ? "" : formatAddress(address);
  return ready.kind === "tcp" ? `a TCP connection to ${where}` : `GET ${ready.path} at ${where} to answer`;
}

export function formatAddress(address: Address): string {
  if (address.kind === "path") return address.path;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Resolves once the group prints what matches, within what one of its two streams printed last. */
export function outputMatches(group: ProcessGroup, regex: RegExp): Promise<void> {
  // Neither flag goes with a search that begins anew each time; `^` and `$` are to mean lines.
  const search = new RegExp(regex.source, `${regex.flags.replace(/[gmy]/g, "")}m`);
  const last = { stdout: "", stderr: "" };
  let found = false;
  return new Promise((resolve) => {
    group.onOutput((chunk, stream) => {
      if (found) return;
      const text = last[stream] + chunk;
      found = search.test(text);
      last[stream] = text.slice(-WINDOW);
      if (found) resolve();
    });
  });
}

/** Resolves once the attempt succeeds, made over and over at growing intervals. @throws the signal's reason. */
export async function until(attempt: (signal: AbortSignal) => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_PAUSE; !(await attempt(signal)); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    await sleep(pause, undefined, { signal });
  }
}

/** Whether somebody takes connections there. Never rejects. */
export function takesConnections(address: Address, signal: AbortSignal): Promise<boolean> {
  return attempt(signal, (settle) => {
    const socket = address.kind === "path" ? connect(address.path) : connect(address.port, address.host);
    return socket.resume().once("connect", () => {
      // A connection to a free port can be given that very port as its own and then reaches itself.
      settle(address.kind === "path" || socket.localPort !== socket.remotePort);
      socket.end();
    });
  });
}

/** Whether a GET is answered with a status below 500. @throws where the path is none. */
export function answersHttp(address: Address, path: string, signal: AbortSignal): Promise<boolean> {
  return attempt(signal, (settle) => {
    const where =
      address.kind === "path"
        ? { socketPath: address.path }
        : // It is asked whether it is there; its certificate is the document's affair.
          { host: address.host, port: address.port, rejectUnauthorized: false };
    const request = (address.kind === "port" && address.secure ? httpsRequest : httpRequest)({
      ...where,
      path,
      agent: false,
    });
    request.once("response", (response) => {
      settle(response.statusCode !== undefined && response.statusCode < 500);
      response.on("error", () => {}).resume();
    });
    request.end();
    return request;
  });
}

/**
 * One attempt, bounded in time. Once it is settled the server may finish what it has to say: a connection that breaks
 * off in the middle of its greeting is the end of many a small server.
 */
function attempt(
  signal: AbortSignal,
  begin: (settle: (succeeded: boolean) => void) => Socket | ClientRequest,
): Promise<boolean> {
  return new Promise((resolve) => {
    let verdict = false;
    let timer: NodeJS.Timeout | undefined;
    const connection: EventEmitter & { destroy(): unknown } = begin((succeeded) => {
      verdict = succeeded;
      clearTimeout(timer);
      timer = setTimeout(finish, FAREWELL);
    });
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      connection.destroy();
      resolve(verdict);
    };
    timer = setTimeout(finish, ATTEMPT);
    signal.addEventListener("abort", finish);
    connection.on("error", finish).on("close", finish);
    if (signal.aborted) finish();
  });
}
