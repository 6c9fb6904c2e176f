import { describe, expect, test } from "vitest";
import { isLoopback, parseTarget, TargetError } from "../../src/transports/target.ts";

const SCHEMES = ["tcp", "http", "tls", "https", "unix", "redis", "rediss", "doozer"];
const parse = (url: string) => parseTarget(url, {}, SCHEMES);

describe("parseTarget", () => {
  test.each([
    ["tcp://127.0.0.1:6379", { scheme: "tcp", host: "127.0.0.1", port: 6379, path: "" }],
    ["tcp://127.0.0.1:6379/", { scheme: "tcp", host: "127.0.0.1", port: 6379, path: "" }],
    ["tls://Mail.Example.:465", { scheme: "tls", host: "mail.example.", port: 465, path: "" }],
    ["TCP://localhost:1", { scheme: "tcp", host: "localhost", port: 1, path: "" }],
    ["tcp://my_service-1:65535", { scheme: "tcp", host: "my_service-1", port: 65_535, path: "" }],
    ["tcp://[::1]:11300", { scheme: "tcp", host: "::1", port: 11_300, path: "" }],
    ["tcp://[2001:DB8::1]:1", { scheme: "tcp", host: "2001:db8::1", port: 1, path: "" }],
    ["tcp://4chan.example:1", { scheme: "tcp", host: "4chan.example", port: 1, path: "" }],
    ["http://localhost", { scheme: "http", host: "localhost", port: 80, path: "" }],
    ["http://localhost/", { scheme: "http", host: "localhost", port: 80, path: "" }],
    ["http://[::1]", { scheme: "http", host: "::1", port: 80, path: "" }],
    ["http://localhost:8080", { scheme: "http", host: "localhost", port: 8080, path: "" }],
    ["https://wire.example", { scheme: "https", host: "wire.example", port: 443, path: "" }],
    ["redis://localhost", { scheme: "redis", host: "localhost", port: 6379, path: "" }],
    ["rediss://localhost:6380/", { scheme: "rediss", host: "localhost", port: 6380, path: "" }],
    ["doozer://127.0.0.1", { scheme: "doozer", host: "127.0.0.1", port: 8046, path: "" }],
    ["unix:/run/a server.sock", { scheme: "unix", host: "", port: 0, path: "/run/a server.sock" }],
    ["unix:///run/x?y#z.sock", { scheme: "unix", host: "", port: 0, path: "/run/x?y#z.sock" }],
  ])("reads %s", (url, expected) => {
    expect(parse(url)).toEqual({ url, tls: {}, ...expected });
  });

  test("keeps the options of TLS", () => {
    const tls = { ca: "PEM", servername: "wire.example" };
    expect(parseTarget("tls://127.0.0.1:1", tls, SCHEMES).tls).toBe(tls);
  });

  test.each([
    ["localhost", 'the target "localhost" has no scheme; write one before it, as in tcp://host:port'],
    ["localhost:6379", 'the target "localhost:6379" has no scheme; write one before it, as in tcp://localhost:6379'],
    ["127.0.0.1:6379", 'the target "127.0.0.1:6379" has no scheme; write one before it, as in tcp://host:port'],
    ["", 'the target "" has no scheme; write one before it, as in tcp://host:port'],
    ["tpc://localhost:1", 'unknown scheme "tpc" (did you mean "tcp"?)'],
    [
      "gopher://x:1",
      'unknown scheme "gopher"; known are "tcp", "http", "tls", "https", "unix", "redis", "rediss" or "doozer"',
    ],
    ["constructor://x:1", /^unknown scheme "constructor"/],
    ["tcp:localhost:1", '"tcp:localhost:1" is no target; write tcp://host:port'],
    ["tcp://localhost", '"tcp://localhost" names no port; write tcp://host:port'],
    ["tcp://localhost:", '"tcp://localhost:" names no port; write tcp://host:port'],
    ["tls://localhost/", '"tls://localhost/" names no port; write tls://host:port'],
    ["http://localhost:", '"http://localhost:" names no port; write http://host or http://host:port'],
    ["tcp://localhost:0", '"0" is no port; write a number from 1 to 65535'],
    ["tcp://localhost:65536", '"65536" is no port; write a number from 1 to 65535'],
    ["tcp://localhost:+80", '"+80" is no port; write a number from 1 to 65535'],
    ["tcp://localhost:1e3", '"1e3" is no port; write a number from 1 to 65535'],
    ["tcp://localhost: 80", '" 80" is no port; write a number from 1 to 65535'],
    ["tcp://:80", '"tcp://:80" names no host; write tcp://host:port'],
    ["tcp://::1:80", '"::1:80" is no address; write an IPv6 address in brackets: tcp://[::1:80]:port'],
    ["tcp://a:b:1", '"a:b:1" is no address; write tcp://host:port'],
    ["tcp://[::1:80", '"[::1:80" is no address; write tcp://host:port'],
    ["tcp://[::1]80", '"[::1]80" is no address; write tcp://host:port'],
    ["tcp://[127.0.0.1]:80", '"[127.0.0.1]" is no IPv6 address; write one as in [::1]'],
    ["tcp://[]:80", '"[]" is no IPv6 address; write one as in [::1]'],
    ["tcp://[fe80::1%eth0]:80", 'a zone ("fe80::1%eth0") is not supported; write the address without it'],
    ["tcp://a b:80", /^"a b" is no host name; write letters, digits/],
    ["tcp://a\\b:80", /is no host name/],
    ["tcp://127.0.0.1%2eevil:80", /is no host name/],
    ["tcp://a..b:80", /is no host name/],
    ["tcp://-a:80", /is no host name/],
    ["tcp://.:80", /is no host name/],
    ["tcp://bücher.example:80", /\(an international name as xn--\.\.\.\)$/],
    ["tcp://１２７.0.0.1:80", /is no host name|is no IPv4 address/],
    [`tcp://${"a".repeat(64)}:80`, /is no host name/],
    [`tcp://${"a.".repeat(127)}a:80`, /is no host name/],
    ["tcp://a\n:80", 'the target "tcp://a\\n:80" holds a control character; remove it'],
    ["unix:/run/\0x", /holds a control character/],
    ["unix:x.sock", '"unix:x.sock" names no absolute path; write unix:/path/of/the.sock'],
    ["unix://host/x.sock", '"unix://host/x.sock" names no absolute path; write unix:/path/of/the.sock'],
    ["unix:", /names no absolute path/],
    [
      "http://localhost/a/b?c",
      '"http://localhost/a/b?c" goes on after the address; write http://host or http://host:port, and the path in the request line: >>> GET /a/b?c HTTP/1.1',
    ],
    ["http://localhost?c", /a target has no query: write http:\/\/host or http:\/\/host:port$/],
    ["http://localhost#c", /a target has no fragment/],
    [
      "redis://localhost/2",
      '"redis://localhost/2" goes on after the address; write redis://host or redis://host:port, and the database in a command: >>> SELECT 2',
    ],
    ["redis://localhost/x", /; a target has no path: write redis:\/\/host or redis:\/\/host:port$/],
    [
      "tcp://localhost:1/x",
      '"tcp://localhost:1/x" goes on after the address; a target has no path: write tcp://host:port',
    ],
  ])("refuses %j", (url, message) => {
    expect(() => parse(url)).toThrow(TargetError);
    expect(() => parse(url)).toThrow(typeof message === "string" ? expect.objectContaining({ message }) : message);
  });

  test("refuses user info without repeating it", () => {
    expect(() => parse("https://user:hunter2@localhost")).toThrow(/^a target has no user info; write https:\/\/host/);
    expect(() => parse("https://user:hunter2@localhost")).not.toThrow(/hunter2/);
    expect(() => parse("https://user:hunter2@localhost/path?q")).not.toThrow(/hunter2/);
  });

  test.each([
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "127.1",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "1.2.3.256",
    "0x",
  ])("refuses %s, which a resolver may take for an address", (host) => {
    expect(() => parse(`tcp://${host}:80`)).toThrow(/is no IPv4 address; write four numbers from 0 to 255/);
  });
});

describe("isLoopback", () => {
  test.each([
    "tcp://127.0.0.1:1",
    "tcp://127.255.0.9:1",
    "tcp://localhost:1",
    "tcp://LOCALHOST:1",
    "tcp://[::1]:1",
    "tcp://[0:0:0:0:0:0:0:1]:1",
    "tcp://[::ffff:127.0.0.1]:1",
    "tcp://[::FFFF:7f00:1]:1",
    "tcp://[0:0:0:0:0:ffff:7fab:1]:1",
    "unix:/run/x.sock",
  ])("holds for %s", (url) => {
    expect(isLoopback(parse(url))).toBe(true);
  });

  test.each([
    "tcp://128.0.0.1:1",
    "tcp://0.0.0.0:1",
    "tcp://10.0.0.1:1",
    "tcp://127.0.0.1.evil.example:1",
    "tcp://localhost.evil.example:1",
    "tcp://evil.localhost:1",
    "tcp://localhost.:1",
    "tcp://[::]:1",
    "tcp://[::2]:1",
    "tcp://[1::1]:1",
    "tcp://[::127.0.0.1]:1",
    "tcp://[::ffff:8000:1]:1",
    "tcp://[64:ff9b::7f00:1]:1",
    "http://[::ffff:10.0.0.1]",
  ])("does not hold for %s", (url) => {
    expect(isLoopback(parse(url))).toBe(false);
  });
});
