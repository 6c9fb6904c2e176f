import { describe, expect, it } from "vitest";
import type { FlushReason } from "../../src/dialects/codec.ts";
import { isFramingError } from "../../src/dialects/errors.ts";
import { createLineCodec } from "../../src/dialects/line-codec.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const opened = (limit = 1000) => createLineCodec({ eol: "crlf", limit, host: "localhost", options: {} });
const lines = (...all: string[]) => ({ lines: all, part: "", to: undefined, ends: undefined });

function broken(run: () => unknown): { readonly message: string; readonly lines: readonly string[] } {
  try {
    run();
  } catch (error) {
    if (!isFramingError(error)) throw error;
    return { message: error.message, lines: error.messages.flatMap((message) => message.lines) };
  }
  throw new Error("nothing broke the framing");
}

describe.each(["requests", "responses"] as const)("%s of lines", (way) => {
  it("sends bytes and endings as they are, and asks for nothing", () => {
    const line = { endingWritten: false, line: 1, column: 1 };
    const encoded = opened()[way].encode([
      { ...line, bytes: "a\xff", ending: "\r\n" },
      { ...line, bytes: "b", ending: "" },
    ]);
    expect(encoded).toEqual({ bytes: bytes("a\xff\r\nb"), requests: [] });
    expect(opened()[way].encode([])).toEqual({ bytes: bytes(""), requests: [] });
  });

  it("hands out whole lines, and the rest with them once it is whole", () => {
    const direction = opened()[way];
    expect(direction.decode(bytes("a\r\n\nb"))).toEqual([lines("a\r\n", "\n")]);
    expect(direction.pending).toBe("line");
    expect(direction.begun).toEqual({ bytes: "" });
    expect(direction.decode(bytes("c"))).toEqual([]);
    expect(direction.decode(bytes("\nd\n"))).toEqual([lines("bc\n", "d\n")]);
    expect(direction.pending).toBe("nothing");
  });

  it.each<FlushReason>(["bytes", "silence", "closed", "broken"])("hands out the partial line once (%s)", (why) => {
    const direction = opened()[way];
    expect(direction.flush(why)).toEqual([]);
    direction.decode(bytes("a\n> "));
    expect(direction.flush(why)).toEqual([lines("> ")]);
    expect(direction.pending).toBe("nothing");
    expect(direction.flush(why)).toEqual([]);
    expect(direction.decode(bytes("b\n"))).toEqual([lines("b\n")]);
  });

  it("refuses a line beyond the limit, however it is cut, and all that follows", () => {
    const message = "a line has no end within the limit of 10 bytes";
    for (const size of [1, 2, 7, 100]) {
      const direction = opened(10)[way];
      const came: string[] = [];
      const error = broken(() => {
        const text = `${"a".repeat(10)}\nb\n${"c".repeat(20)}\nd\n`;
        for (let at = 0; at < text.length; at += size)
          came.push(...direction.decode(bytes(text.slice(at, at + size))).flatMap((one) => one.lines));
      });
      expect(error.message).toBe(message);
      expect([...came, ...error.lines]).toEqual([`${"a".repeat(10)}\n`, "b\n", "c".repeat(11)]);
      expect(direction.pending).toBe("nothing");
      expect(broken(() => direction.decode(bytes("d\n")))).toEqual({ message, lines: [] });
    }
  });

  it("shows a thousand bytes of such a line", () => {
    const direction = opened(5000)[way];
    expect(broken(() => direction.decode(bytes("a".repeat(6000)))).lines).toEqual(["a".repeat(1000)]);
  });
});

it("keeps the directions apart, and nobody can tell how many lines are owed", () => {
  const codec = opened();
  codec.requests.decode(bytes("a"));
  expect(codec.responses.pending).toBe("nothing");
  expect(codec.owed).toBeUndefined();
});
