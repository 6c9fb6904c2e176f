import { afterEach, describe, expect, it } from "vitest";
import { example, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Plays `lines` against a server that answers as `script` says. Line numbers: the first line of `lines` is 5. */
async function against(script: (peer: Peer) => Promise<void> | void, lines: string, attributes = "timeout=60s") {
  server = await scriptedServer(script);
  return replay(example(server.target, lines, attributes));
}

const answering = (reply: string) => async (peer: Peer) => {
  for (;;) {
    await peer.line();
    peer.write(reply);
  }
};

describe("a reply that differs", () => {
  it("fails as mismatch at the line that differs", async () => {
    const { failures, exchanges, exitCode } = await against(answering("a\r\nX\r\nc\r\n"), ">>> go\na\nb\nc");
    expect(failures).toEqual(["mismatch:7"]);
    expect(exchanges[0]?.received).toEqual(["a", "X", "c"]);
    expect(exchanges[0]?.failure?.message).toBe('expected "b", got "X"');
    expect(exitCode).toBe(1);
  });

  it("goes on with the next exchange after a mismatch", async () => {
    const { failures, exchanges } = await against(answering("no\r\n"), ">>> go\nyes\n>>> go\nno");
    expect(failures).toEqual(["mismatch:6"]);
    expect(exchanges[1]?.status).toBe("passed");
  });

  it("names a wrong line ending", async () => {
    const { failures, exchanges } = await against(answering("a\nb\n"), ">>> go\na\nb");
    expect(failures).toEqual(["mismatch:6"]);
    expect(exchanges[0]?.failure?.message).toContain("ends with LF, expected CRLF");
    expect(exchanges[0]?.received[0]).toBe("a (lf)");
  });

  it("names a CRLF where LF is expected", async () => {
    const { exchanges } = await against(answering("a\r\n"), ">>> go\na", "eol=lf timeout=60s");
    expect(exchanges[0]?.failure?.message).toContain("ends with CRLF, expected LF");
  });
});

describe("output beyond the reply", () => {
  it("in the middle counts to the exchange before", async () => {
    const { failures } = await against(answering("a\r\nmore\r\n"), ">>> go\na\n>>> go\na\n...");
    expect(failures).toEqual(["extra:6"]);
  });

  it("at the end of the connection counts to the last exchange", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.write("a\r\n");
      await peer.wait(20);
      peer.write("late\r\n");
      await peer.rest();
    };
    const { failures, statuses, exitCode } = await against(script, ">>> go\na", "settle=500ms");
    expect(failures).toEqual(["extra:6"]);
    expect(statuses).toEqual(["failed"]);
    expect(exitCode).toBe(1);
  });

  it("without a newline is found too", async () => {
    const { failures } = await against(answering("a\r\n> "), ">>> go\na");
    expect(failures).toEqual(["extra:6"]);
  });

  it("stands at the last client line where no reply is written", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.write("a\r\n");
      await peer.rest();
    };
    expect((await against(script, ">>> go")).failures).toEqual(["extra:5"]);
  });

  it("fails a line that no trailing optional line takes", async () => {
    const { failures } = await against(answering("a\r\nz\r\n"), ">>> go\na\nb (?)");
    expect(failures).toEqual(["extra:6"]);
  });
});

describe("a server that says too little", () => {
  it("times out at the line awaited, and skips the rest", async () => {
    const { failures, exchanges, exitCode } = await against(
      answering("a\r\n"),
      ">>> go\na\nb\n>>> go\na",
      "timeout=150ms",
    );
    expect(failures).toEqual(["timeout:7"]);
    expect(exchanges.map(({ status }) => status)).toEqual(["failed", "skipped"]);
    expect(exchanges[0]?.failure?.message).toMatch(/^no further line within 150ms: expected "b"$/);
    expect(exitCode).toBe(1);
  });

  it("shows a line that has not ended", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.write("half a li");
      await peer.stall();
    };
    const { failures, exchanges } = await against(script, ">>> go\nhalf a line", "timeout=150ms");
    expect(failures).toEqual(["timeout:6"]);
    expect(exchanges[0]?.received).toEqual(["half a li (no-eol)"]);
  });

  it.each([
    [
      "a body",
      "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n[1, 2,",
      ["HTTP/1.1 200 OK", "Content-Length: 20", "", "[1, 2,"],
    ],
    ["a head", "HTTP/1.1 200 OK\r\nConte", ["HTTP/1.1 200 OK", "Conte"]],
  ])("shows what has come of %s over HTTP", async (_, begun, received) => {
    const script = async (peer: Peer) => {
      while ((await peer.line()) !== "");
      peer.write(begun);
      await peer.stall();
    };
    const lines = ">>> GET / HTTP/1.1\nHTTP/1.1 200\n\n[1, 2, 3]";
    const { failures, exchanges } = await against(script, lines, "timeout=150ms dialect=http");
    expect(failures).toEqual([expect.stringMatching(/^timeout:/)]);
    expect(exchanges[0]?.received).toEqual(received);
  });

  it("is `closed` where it hangs up in mid-reply", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.write("a\r\nb\r\n");
    };
    const { failures, exchanges } = await against(script, ">>> go\na\nb\nc\nd\ne");
    expect(failures).toEqual(["closed:8"]);
    expect(exchanges[0]?.failure?.message).toBe('the server closed the connection: expected "c"');
  });

  it("is `closed` where it resets", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.reset();
    };
    const { failures, exchanges } = await against(script, ">>> go\na");
    expect(failures).toEqual(["closed:6"]);
    expect(exchanges[0]?.failure?.message).toContain("ECONNRESET");
  });

  it("is not taken for the next reply when it comes late", async () => {
    let connections = 0;
    server = await scriptedServer(async (peer) => {
      connections++;
      for (;;) {
        const line = await peer.line();
        if (line === "slow") await peer.wait(60_000);
        peer.write(`${line}\r\n`);
      }
    });
    const text = `---\ntarget: ${server.target}\ntimeout: 60s\n---\n\`\`\`wire timeout=300ms\n>>> slow\nslow\n\`\`\`\n\n\`\`\`wire\n>>> b\nb\n\`\`\`\n`;
    const { failures, statuses } = await replay(text);
    expect(failures).toEqual(["timeout:7"]);
    expect(statuses).toEqual(["failed", "passed"]);
    expect(connections).toBe(2);
  });
});

describe("hostile output", () => {
  it("a byte at a time passes", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      await peer.dribble("hello\r\nwörld\r\n");
      await peer.rest();
    };
    expect((await against(script, ">>> go\nhello\nwörld", "timeout=5s")).failures).toEqual([]);
  });

  it("without a newline ends at the limit, and the next document still runs", async () => {
    server = await scriptedServer(async (peer) => {
      if ((await peer.line()) === "flood") await peer.flood();
      peer.write("ok\r\n");
      await peer.rest();
    });
    const text = (line: string) =>
      `---\ntarget: ${server!.target}\nlimit: 1MB\ntimeout: 10s\n---\n\`\`\`wire\n>>> ${line}\nok\n\`\`\`\n`;
    const { failures, documents } = await replay([text("flood"), text("go")]);
    expect(failures).toEqual(["protocol:8"]);
    expect(documents[1]?.examples[0]?.status).toBe("passed");
  });

  it("of endless lines that match ends at the limit", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      await peer.flood("line\r\n".repeat(5000));
    };
    server = await scriptedServer(script);
    const text = `---\ntarget: ${server.target}\nlimit: 1MB\ntimeout: 10s\n---\n\`\`\`wire\n>>> go\n...\nend\n\`\`\`\n`;
    const { failures, exchanges } = await replay(text);
    expect(failures).toEqual(["protocol:9"]);
    expect(exchanges[0]?.failure?.message).toContain("limit of 1 MB");
  });

  it("beyond the limit fails even where it matches", async () => {
    server = await scriptedServer(answering("0123456789abcdef\r\n"));
    const text = `---\ntarget: ${server.target}\nlimit: 10\n---\n\`\`\`wire\n>>> go\n0123456789abcdef\n\`\`\`\n`;
    expect((await replay(text)).failures).toEqual(["protocol:7"]);
  });

  it("of endless lines after a mismatch ends too", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      await peer.flood("line\r\n".repeat(5000));
    };
    server = await scriptedServer(script);
    const text = `---\ntarget: ${server.target}\nlimit: 1MB\ntimeout: 10s\n---\n\`\`\`wire\n>>> go\nend\n\`\`\`\n`;
    expect((await replay(text)).exchanges[0]?.status).toBe("failed");
  });

  it("with NUL and escapes is shown as (esc)", async () => {
    const { exchanges } = await against(answering("\x1b[31m\0\x07\r\n"), ">>> go\nok");
    expect(exchanges[0]?.received).toEqual(["\\x1b[31m\\0\\x07 (esc)"]);
  });

  it("that comes before the request is not mistaken for its reply", async () => {
    const script = async (peer: Peer) => {
      peer.write("early\r\n");
      await peer.line();
      peer.write("a\r\n");
      await peer.rest();
    };
    expect((await against(script, ">>> go\na")).exchanges[0]?.status).toBe("failed");
  });
});

describe("connections that cannot be opened", () => {
  it("end the document where it is the first", async () => {
    const { documents, exitCode } = await replay(example("tcp://127.0.0.1:1", ">>> go\na"));
    expect(documents[0]?.errors[0]).toMatchObject({ kind: "connect", line: 5 });
    expect(documents[0]?.examples[0]?.status).toBe("skipped");
    expect(exitCode).toBe(3);
  });

  it("fail the exchange that needs them later", async () => {
    const { failures, exchanges, exitCode } = await against(
      answering("a\r\n"),
      ">>> go\na\n=== close\n=== connect tcp://127.0.0.1:1\n>>> go\na",
    );
    expect(failures).toEqual(["connect:8"]);
    expect(exchanges.at(-1)?.status).toBe("skipped");
    expect(exitCode).toBe(3);
  });
});

describe("a response that differs and goes on after a pause", () => {
  const answers = (first: readonly string[]) => async (peer: Peer) => {
    while ((await peer.line()) !== "");
    for (const part of first) {
      peer.write(part);
      await peer.wait(120);
    }
    while ((await peer.line()) !== "");
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
    await peer.rest();
  };
  const lines = ">>> GET /a HTTP/1.1\nHTTP/1.1 200\n>>> GET /b HTTP/1.1\nHTTP/1.1 200\n\nok";

  it.each([
    ["in its body", ["HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nnot ", "here\r\n"]],
    ["in a chunk", ["HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nno", "ne\r\n0\r\n\r\n"]],
  ])("%s is read to its end", async (_, first) => {
    const { failures } = await against(answers(first), lines, "dialect=http settle=20ms timeout=60s");
    expect(failures).toEqual(["mismatch:6"]);
  });

  it("is given up with its connection where it has no end", async () => {
    const endless = answers(["HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nnot "]);
    const { failures, exchanges } = await against(endless, lines, "dialect=http settle=20ms timeout=400ms");
    expect(failures).toEqual(["mismatch:6"]);
    expect(exchanges.map(({ status }) => status)).toEqual(["failed", "skipped"]);
  });
});

describe("a reply of very many lines", () => {
  it("is kept for reports only as far as they show it", async () => {
    const { exchanges } = await against(answering("\n".repeat(300_000)), ">>> go\nok");
    const [{ failure, received = [], diff = [] } = {}] = exchanges;
    expect(failure?.kind).toBe("mismatch");
    expect(received.length).toBe(20_001);
    expect(diff.length).toBe(20_001);
  });

  it("is kept as far as it is written, however long that is", async () => {
    const written = Array.from({ length: 30_000 }, (_, i) => `${i}`);
    const lines = `>>> go\n${written.join("\n")}\nok`;
    const { exchanges } = await against(answering(`${written.join("\r\n")}\r\nno\r\n`), lines, "timeout=5s");
    expect(exchanges[0]?.diff?.filter(({ kind }) => kind !== "same")).toEqual([
      { kind: "changed", expected: "ok", received: "no", line: 30_006 },
    ]);
  });
});
