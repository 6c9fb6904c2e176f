/** Where etcd's members are reached: `http://host:port`, or `https://`, with `user:password@` where etcd asks for it. */
import { EngineError } from "../engine.ts";

/** The port that etcd listens on for clients where nothing else is said. */
const DEFAULT_PORT = 2379;

export interface Endpoint {
  /** Scheme, host and port: what may be shown. */
  readonly origin: string;
  readonly user: { readonly name: string; readonly password: string } | undefined;
}

/** @throws {EngineError} for what is no such URL. The text never shows a password. */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new EngineError(`an etcd member is given as http://host:port or https://host:port, not as ${shown(text)}`);
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new EngineError(`the URL of an etcd member ends with its port: ${shown(text)}`);
  }
  // URL leaves out the port that is usual for the scheme; etcd's own is another one.
  const port = url.port || (/:\d+\/?$/.test(text) ? (url.protocol === "http:" ? 80 : 443) : DEFAULT_PORT);
  const user =
    url.username === ""
      ? undefined
      : { name: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return { origin: `${url.protocol}//${url.hostname}:${port}`, user };
}

const shown = (text: string): string => JSON.stringify(text.replace(/\/\/[^/@]*@/, "//…@"));
