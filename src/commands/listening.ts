/** The option `--listen`, and why a server cannot listen. */
import { isIP } from "node:net";
import { usage } from "./values.ts";

const HIGHEST_PORT = 65_535;

/** A host without the brackets of an IPv6 address, and a port, where 0 is a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @param example an address for the message. @throws {WiredocError} `usage` */
export function readListen(text: string, example: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= HIGHEST_PORT) return { host, port };
  const inBrackets = `[::1]:${example.slice(example.lastIndexOf(":") + 1)}`;
  throw usage(`--listen: invalid address "${text}": use for example ${example} or ${inBrackets}`);
}

/** The reason that the system gives, in words; undefined for other errors. */
export function listenProblem(error: unknown, { host, port }: ListenAddress): string | undefined {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  const why = REASONS[code] ?? message;
  return `cannot listen on ${isIP(host) === 6 ? `[${host}]` : host}:${port}: ${why}`;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there; stop it, or choose another port with --listen HOST:PORT",
  EACCES: "the system does not allow it; choose a port from 1024 on with --listen HOST:PORT",
  EADDRNOTAVAIL: "this machine has no such address; choose one with --listen HOST:PORT",
  ENOTFOUND: "there is no such host; choose one with --listen HOST:PORT",
};
