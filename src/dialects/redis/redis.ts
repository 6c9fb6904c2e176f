/** Redis as redis-cli shows it: a command a line, and replies as `redis-cli --no-raw` (7.0) writes them. */
import type { Dialect } from "../dialect.ts";

type Parts = typeof import("./duplex.ts") &
  typeof import("./matcher.ts") &
  typeof import("./command-matcher.ts") &
  typeof import("./comparison.ts") &
  typeof import("./essence.ts") &
  typeof import("./invent.ts");

let parts: Parts | undefined;

/** What runs only where a document speaks to Redis. */
function loaded(): Parts {
  if (!parts) throw new Error("the redis dialect is used before it was loaded");
  return parts;
}

/** Commands that are answered other than once, and one after whose reply the document goes on with a new connection. */
const ALONE = /^\s*["']?(?:quit|[ps]?(?:un)?subscribe|monitor|client["']?\s+["']?reply)["']?(?:\s|$)/i;

export const redis: Dialect = {
  name: "redis",
  aliases: ["resp"],
  isLineByLine: true,
  options: { protocol: ["2", "3"] },
  async load(): Promise<void> {
    parts ??= {
      ...(await import("./duplex.ts")),
      ...(await import("./matcher.ts")),
      ...(await import("./command-matcher.ts")),
      ...(await import("./comparison.ts")),
      ...(await import("./essence.ts")),
      ...(await import("./invent.ts")),
    };
  },
  createCodec: (context) => new (loaded().RedisDuplex)(context),
  standsAlone: (lines) => lines.some(({ bytes }) => ALONE.test(bytes)),
  requests: {
    freeEndings: true,
    // redis-cli asks for the commands to complete, libraries tell who they are and which version they speak.
    smallTalk: [
      { request: "(?i)COMMAND( DOCS)? (re)", reply: ["(empty array)"] },
      { request: "(?i)CLIENT SETINFO .* (re)", reply: ["OK"] },
      { request: "(?i)HELLO 2 (re)", reply: ['1) "server"', '2) "redis"', '3) "proto"', "4) (integer) 2"] },
      { request: "(?i)HELLO 3 (re)", reply: ['1# "server" => "redis"', '2# "proto" => (integer) 3'] },
    ],
    matcher: (expects, scope) => new (loaded().CommandMatcher)(expects, scope),
    compare: (_expects, received, scope) => loaded().compareCommands(received, scope),
  },
  responses: {
    freeEndings: true,
    plainest: "OK",
    refusal: ["(error) ERR no example matches this command"],
    invent: (say, sampler) => loaded().inventReply(say, sampler),
    matcher: (expects, scope, context) => loaded().redisMatcher(expects, scope, context),
    compare: (expects, received, scope, { unordered }) => loaded().compareReplies(expects, received, scope, unordered),
    essence: (shown, context) => loaded().essenceOfReplies(shown, context),
  },
};
