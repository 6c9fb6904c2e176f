import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../src/record/import/conversation.ts";
import { chooseServer, type Given } from "../../../src/record/import/server.ts";

const says = (target: string | undefined, bytes: string): Conversation => ({
  target,
  steps: [{ by: "client", bytes, at: 0 }],
});
const choose = (conversations: readonly Conversation[], given: Partial<Given> = {}) =>
  chooseServer("recording.txt", { conversations, warnings: [] }, { target: undefined, dialect: undefined, ...given });
const HTTP = "GET / HTTP/1.1\r\n\r\n";
const REDIS = "*1\r\n$4\r\nPING\r\n";
const TLS = "\x16\x03\x01\x00";
const HERE = "tcp://127.0.0.1:80";

describe("the server of a recording", () => {
  it.each([
    [HERE, HTTP, {}, "http://127.0.0.1:80", undefined],
    [HERE, REDIS, {}, "redis://127.0.0.1:80", undefined],
    ["tls://127.0.0.1:80", HTTP, {}, "https://127.0.0.1:80", undefined],
    [HERE, "EHLO me\r\n", {}, HERE, undefined],
    [undefined, HTTP, {}, undefined, "http"],
    ["unix:/a", REDIS, {}, "unix:/a", "redis"],
    [HERE, HTTP, { dialect: "line" }, HERE, "line"],
    [HERE, HTTP, { target: "http://127.0.0.1:81" }, "http://127.0.0.1:81", undefined],
    [HERE, REDIS, { target: "tcp://127.0.0.1:81" }, "tcp://127.0.0.1:81", "redis"],
  ] as const)("is %s, asked %j with %j: %s %s", (target, bytes, given, expected, dialect) => {
    expect(choose([says(target, bytes)], given)).toMatchObject({ target: expected, dialect });
  });

  it("is the one that most connections lead to, or the one that is named", () => {
    const all = [says("http://a.example", HTTP), says(HERE, HTTP), says(HERE, HTTP)];
    const busiest = choose(all);
    expect(busiest.conversations).toEqual(all.slice(1));
    expect(busiest.warnings).toEqual([
      "other servers are left out: http://a.example; name the one that you mean with --target",
    ]);
    expect(choose(all, { target: "http://a.example:80" }).conversations).toEqual(all.slice(0, 1));
  });

  it("is none that speaks TLS", () => {
    const plain = says(HERE, HTTP);
    expect(choose([plain, says(HERE, TLS)])).toMatchObject({
      conversations: [plain],
      warnings: [expect.stringContaining("encrypted")],
    });
    expect(() => choose([says(HERE, TLS)])).toThrow("everything in it is encrypted");
  });
});
