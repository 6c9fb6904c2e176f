import { afterEach, describe, expect, it } from "vitest";
import { replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Plays a document whose front matter names the server; its lines count from 1 with `---`. */
async function against(script: (peer: Peer) => Promise<void> | void, body: string, settings = "") {
  server = await scriptedServer(script);
  return replay(`---\ntarget: ${server.target}\ntimeout: 60s\n${settings}---\n${body}`);
}

const wire = (lines: string, attributes = ""): string => `\`\`\`wire ${attributes}\n${lines}\n\`\`\`\n\n`;

/** Answers each line with what the function makes of it. */
const talking = (answer: (line: string, peer: Peer) => string) => async (peer: Peer) => {
  for (;;) peer.write(answer(await peer.line(), peer));
};
const echo = talking((line) => `${line}\r\n`);

describe("client lines", () => {
  it("are sent in one piece with their endings", async () => {
    let got = "";
    const script = async (peer: Peer) => {
      got = String(await peer.bytes(15));
      peer.write("ok\r\n");
      await peer.rest();
    };
    const { failures } = await against(
      script,
      wire('>>> a\n\n>>>\n>>> b (lf)\n>>> \\x00 (esc)\n>>> 01 02 "hi" (hex)\n>>> c (no-eol)\nok'),
    );
    expect(failures).toEqual([]);
    expect(got).toBe("a\r\n\r\nb\n\0\r\n\x01\x02hic");
  });

  it("wait for silence before another connection speaks, where no reply is written", async () => {
    const order: string[] = [];
    const script = async (peer: Peer) => {
      for (;;) order.push(await peer.line());
    };
    const { failures } = await against(script, wire(">>> first\nbob>>> second\n>>> third"));
    expect(failures).toEqual([]);
    expect(order).toEqual(["first", "second", "third"]);
  });
});

describe("connections", () => {
  it("with names are each their own, and what is pushed waits", async () => {
    const peers: Peer[] = [];
    const script = async (peer: Peer) => {
      peers.push(peer);
      for (;;) {
        const line = await peer.line();
        for (const one of peers) one.write(`${line}\r\n`);
      }
    };
    const body = wire("alice>>> hello\nhello\nbob>>> hi\nhi\nalice<<< hi\nalice>>> again\nagain\nbob<<< again");
    expect((await against(script, body)).failures).toEqual([]);
    expect(server?.connections).toBe(2);
  });

  it("are shared by the examples of a document, or each example has its own", async () => {
    const body = wire(">>> a\na") + wire(">>> b\nb") + wire(">>> c\nc", "fresh");
    expect((await against(echo, body)).failures).toEqual([]);
    expect(server?.connections).toBe(2);
    await server?.close();
    expect((await against(echo, body, "connection: example\n")).failures).toEqual([]);
    expect(server?.connections).toBe(3);
  });

  it("greet by themselves", async () => {
    const script = async (peer: Peer) => {
      peer.write("220 hi\r\n");
      await echo(peer);
    };
    expect((await against(script, wire("220 hi\n>>> a\na"))).failures).toEqual([]);
  });

  it("that the server closed are ended where another is opened in their place", async () => {
    let ended = 0;
    const script = async (peer: Peer) => {
      const line = await peer.line();
      if (line === "b") return void peer.write("b\r\n");
      peer.end("a\r\nlate\r\n");
      await peer.rest();
      ended++;
    };
    const { failures } = await against(script, wire(">>> a\na\n=== wait 30ms\n=== connect\n>>> b\nb\n=== wait 30ms"));
    expect(failures).toEqual(["extra:7"]);
    expect(ended).toBe(1);
    const waiting = await against(script, wire("bob>>> a\na\nlate\n>>> b\nb\n=== closed\nbob=== connect\n>>> b\nb"));
    expect(waiting.failures).toEqual([]);
    expect(ended).toBe(2);
  });

  it("carry their name", async () => {
    expect((await against(echo, wire("bob>>> I am {{connection.name}}\nI am bob"))).failures).toEqual([]);
  });
});

describe("an opening", () => {
  const script = async (peer: Peer) => {
    peer.write(`220 ${peer.socket.remotePort}\r\n`);
    await echo(peer);
  };
  it("is played on every connection from there on, and captures anew", async () => {
    const body =
      wire("220 {{port:int}}\n>>> login\nlogin", "opening") +
      wire(">>> {{port}}\n{{port}}\nbob>>> x\nx\n=== close\n") +
      wire("bob>>> {{port}}\n{{port}}");
    const { failures, statuses } = await against(script, body);
    expect(failures).toEqual([]);
    expect(statuses).toEqual(["passed", "passed"]);
    expect(server?.connections).toBe(3);
  });

  it("that fails fails the example at the opening's line, and the rest of that is skipped", async () => {
    const { failures, exchanges, exitCode } = await against(
      script,
      wire("221 no", "opening") + wire(">>> a\na\n>>> b\nb"),
    );
    expect(failures).toEqual(["mismatch:6"]);
    expect(exchanges.map(({ status }) => status)).toEqual(["failed", "skipped", "skipped"]);
    expect(exitCode).toBe(1);
  });

  it("gives way to a later one", async () => {
    const body = wire("221 no", "opening") + wire("220 {{_}}", "opening") + wire(">>> a\na");
    expect((await against(script, body)).failures).toEqual([]);
  });
});

describe("an anytime example", () => {
  const script = async (peer: Peer) => {
    for (;;) {
      const line = await peer.line();
      if (line.startsWith("PONG")) continue;
      peer.write(`PING ${line}\r\n`);
      const pong = await peer.line();
      peer.write(`${line} ${pong}\r\n`);
    }
  };
  const ping = wire("PING {{token}}\n>>> PONG {{token}}", "anytime");

  it("is answered and passed over wherever it comes", async () => {
    expect((await against(script, ping + wire(">>> a\na PONG a\n>>> b\nb PONG b"))).failures).toEqual([]);
  });

  it("is answered during waits", async () => {
    const answers: string[] = [];
    const pusher = async (peer: Peer) => {
      await peer.line();
      peer.write("ok\r\n");
      await peer.wait(20);
      peer.write("PING 1\r\n");
      answers.push(await peer.line());
      await peer.rest();
    };
    const { failures } = await against(pusher, ping + wire(">>> a\nok\n=== wait 1s"));
    expect(failures).toEqual([]);
    expect(answers).toEqual(["PONG 1"]);
  });

  it("leaves a line that is written to the reply", async () => {
    const pusher = talking(() => "PING x\r\n");
    const { failures } = await against(pusher, ping + wire(">>> a\nPING x"));
    expect(failures).toEqual([]);
  });

  it("takes a line from `...`", async () => {
    expect((await against(script, ping + wire(">>> a\n...\na PONG a"))).failures).toEqual([]);
  });

  it("may have several lines, and gives back what turns out to be something else", async () => {
    const two = wire("NOTE {{_}}\nEND\n>>> SEEN", "anytime");
    const script2 = async (peer: Peer) => {
      await peer.line();
      peer.write("NOTE 1\r\nEND\r\n");
      await peer.line();
      peer.write("NOTE 2\r\nreply\r\n");
      await peer.rest();
    };
    expect((await against(script2, two + wire(">>> a\nNOTE 2 (?)\nreply"))).failures).toEqual([]);
  });
});

describe("openings, one after the other", () => {
  it("capture the same name anew", async () => {
    const body =
      wire(">>> t=1\nt={{t}}", "opening") +
      wire(">>> a\na") +
      wire(">>> t=2\nt={{t}}", "opening") +
      wire("bob>>> {{t}}\n2");
    expect((await against(echo, body)).failures).toEqual([]);
  });
});

describe("HTTP that goes on behind a response", () => {
  it.each([
    ["a body longer than it says", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello", "\n\nhel"],
    ["junk", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nJUNK\r\n", ""],
    ["a body where none may be", "HTTP/1.1 204 No Content\r\n\r\nbody", ""],
  ])("is extra: %s", async (_name, response, body) => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.write(response);
      await peer.rest();
    };
    const status = response.slice(0, 12);
    const { failures } = await against(script, wire(`>>> GET / HTTP/1.1\n${status}${body}`), "dialect: http\n");
    expect(failures.map((one) => one.split(":")[0])).toEqual(["extra"]);
  });

  it("is another protocol behind 101", async () => {
    const script = async (peer: Peer) => {
      while ((await peer.line()) !== "");
      peer.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      await echo(peer);
    };
    const body = wire(">>> GET / HTTP/1.1\n>>> Upgrade: echo\nHTTP/1.1 101 Switching Protocols\n>>> hello\nhello");
    expect((await against(script, body, "dialect: http\n")).failures).toEqual([]);
  });
});

describe("retry", () => {
  it("runs an example again with the captures of its start, and reports the last try", async () => {
    let tries = 0;
    const script = talking((line) => (line === "id" ? `id ${tries}\r\n` : `${line} ${tries++ < 2 ? "no" : "ok"}\r\n`));
    const { failures, documents } = await against(
      script,
      wire(">>> id\nid {{n}}\n>>> poll {{n}}\npoll {{n}} ok", "retry=5 every=1ms"),
    );
    expect(failures).toEqual([]);
    expect(documents[0]?.examples[0]?.attempts).toBe(3);
  });

  it("waits for a server that is not there yet", async () => {
    const { exitCode, documents } = await replay(
      "---\ntarget: tcp://127.0.0.1:1\n---\n```wire retry=2 every=1ms\n>>> a\na\n```\n",
    );
    expect(exitCode).toBe(3);
    expect(documents[0]?.errors).toHaveLength(1);
  });
});

describe("skip and xfail", () => {
  it("decide what counts", async () => {
    const body =
      wire(">>> a\nb", 'xfail="known"') + wire(">>> a\na", 'xfail="fixed"') + wire(">>> a\na", 'skip="later"');
    const { statuses, exitCode, documents } = await against(echo, body);
    expect(statuses).toEqual(["xfailed", "xpassed", "skipped"]);
    expect(documents[0]?.examples.map(({ reason }) => reason)).toEqual(["known", "fixed", "later"]);
    expect(exitCode).toBe(1);
  });

  it("skip what uses a name that was not captured", async () => {
    const body = wire(">>> a\n{{x}}", "skip") + wire(">>> {{x}}\n...") + wire(">>> b\nb");
    const { statuses, documents, exitCode } = await against(echo, body);
    expect(statuses).toEqual(["skipped", "skipped", "passed"]);
    expect(documents[0]?.examples[1]?.reason).toContain("{{x}}");
    expect(exitCode).toBe(0);
  });

  it("may be long, and stand on a line often", async () => {
    const long = "x".repeat(400_000);
    const take = `>>> ${long}\n{{x}}\n`;
    const sent = await against(echo, wire(`${take}>>> ${"{{x}}".repeat(200)}\n...\n>>> a\na`));
    expect(sent.failures).toEqual(["unbound:8"]);
    expect(sent.exchanges[1]?.failure?.message).toBe("a client line is longer than 64 MB with its values");
    const awaited = await against(echo, wire(`${take}>>> a\n${"{{x}}".repeat(2000)}\n>>> b\n{{x}} {{y}}\n>>> a\na`));
    expect(awaited.failures).toEqual(["mismatch:9", "mismatch:11"]);
  });

  it("fail as unbound what only the run does not bind", async () => {
    const { failures } = await against(echo, wire(">>> a\nb {{x}}\n>>> {{x}}\n..."));
    expect(failures).toEqual(["mismatch:7", "unbound:8"]);
  });
});

describe("controls", () => {
  it("=== closed passes where the server closes, counts bytes before as extra", async () => {
    const closer = async (peer: Peer) => {
      const line = await peer.line();
      peer.write("bye\r\n");
      if (line === "more") peer.write("more\r\n");
    };
    expect((await against(closer, wire(">>> quit\nbye\n=== closed"))).failures).toEqual([]);
    await server?.close();
    expect((await against(closer, wire(">>> more\nbye\n=== closed"))).failures).toEqual(["extra:7"]);
  });

  it("=== closed fails as not-closed at its own line", async () => {
    const { failures } = await against(echo, wire(">>> quit\nquit\n=== closed\n>>> b\nb", "timeout=400ms"));
    expect(failures).toEqual(["not-closed:8"]);
  });

  it("=== closed takes a reset for a close", async () => {
    const resetter = async (peer: Peer) => {
      await peer.line();
      peer.reset();
    };
    expect((await against(resetter, wire(">>> quit\n=== closed"))).failures).toEqual([]);
  });

  it("=== silence fails at its line where something arrives", async () => {
    const late = async (peer: Peer) => {
      await peer.line();
      peer.write("ok\r\n");
      // The client has begun to listen for silence by then.
      await peer.wait(150);
      peer.write("boo\r\n");
      await peer.rest();
    };
    expect((await against(late, wire(">>> a\nok\n=== silence 600ms"))).failures).toEqual(["extra:8"]);
    await server?.close();
    expect((await against(echo, wire(">>> a\na\n=== silence 30ms"))).failures).toEqual([]);
  });

  it("=== half-close ends what is sent and goes on reading", async () => {
    const counter = async (peer: Peer) => {
      const all = await peer.rest();
      peer.write(`${all.length}\r\n`);
    };
    expect((await against(counter, wire(">>> abc\n=== half-close\n5\n=== closed"))).failures).toEqual([]);
  });

  it("=== close and === reset let the next line open a new connection", async () => {
    expect((await against(echo, wire(">>> a\na\n=== close\n>>> b\nb\n=== reset\n>>> c\nc"))).failures).toEqual([]);
    expect(server?.connections).toBe(3);
  });

  it("act on the connection they name", async () => {
    const closer = async (peer: Peer) => {
      for (;;) {
        const line = await peer.line();
        peer.write(`${line}\r\n`);
        if (line === "quit") return;
      }
    };
    expect((await against(closer, wire("bob>>> quit\nquit\n>>> a\na\nbob=== closed\n>>> b\nb"))).failures).toEqual([]);
  });

  it("=== connect URL goes there, without the opening", async () => {
    const other = await scriptedServer(echo);
    try {
      const script = async (peer: Peer) => {
        peer.write("hello\r\n");
        await echo(peer);
      };
      const body = wire("hello", "opening") + wire(`>>> a\na\nbob=== connect ${other.target}\nbob>>> x\nx\n>>> b\nb`);
      expect((await against(script, body)).failures).toEqual([]);
      expect(other.connections).toBe(1);
    } finally {
      await other.close();
    }
  });
});

describe("a reply whose end cannot be seen", () => {
  it("ends with silence, and goes on matching what comes before the next client line", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      peer.write("a\r\nb\r\n");
      await peer.wait(90);
      peer.write("c\r\n");
      await peer.line();
      peer.write("end\r\n");
      await peer.rest();
    };
    expect((await against(script, wire(">>> go\na\n...\n=== wait 1s\n>>> next\nend"))).failures).toEqual([]);
  });

  it("may be absent altogether", async () => {
    const script = talking((line) => (line === "b" ? "b\r\n" : ""));
    expect((await against(script, wire(">>> a\nNOTE (?)\n>>> b\nb"))).failures).toEqual([]);
  });

  it("awaits its first byte up to the timeout", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      await peer.wait(150);
      peer.write("login: ");
      await peer.rest();
    };
    expect((await against(script, wire(">>> go\nlogin:  (no-eol)"))).failures).toEqual([]);
  });

  it("keeps prompts and lines apart", async () => {
    const script = async (peer: Peer) => {
      peer.write("login: ");
      await peer.line();
      peer.write("password: ");
      await peer.line();
      peer.write("ok\r\n> ");
      await peer.rest();
    };
    expect(
      (await against(script, wire("login:  (no-eol)\n>>> me\npassword:  (no-eol)\n>>> secret\nok\n>  (no-eol)")))
        .failures,
    ).toEqual([]);
  });
});

describe("bytes", () => {
  it("are matched, captured and compared", async () => {
    const script = async (peer: Peer) => {
      await peer.bytes(2);
      peer.write(Uint8Array.of(0x20, 0x02, 0xca, 0xfe, 0x0a));
      await peer.bytes(2);
      peer.write(Uint8Array.of(0xca, 0xfe, 0x00));
      peer.write("line\r\n");
      await peer.rest();
    };
    const lines = ">>> 10 00 (hex)\n20 ?? {{id:2 bytes}} (hex)\n0a (hex)\n>>> 11 00 (hex)\n{{id}} 00 (hex)\nline";
    const { failures } = await against(script, wire(lines));
    expect(failures).toEqual([]);
  });

  it("show as bytes where they differ", async () => {
    const script = async (peer: Peer) => {
      await peer.bytes(1);
      peer.write(Uint8Array.of(1, 2, 3));
      await peer.rest();
    };
    const { failures, exchanges } = await against(script, wire(">>> 00 (hex)\n01 ff (hex)\n03 (hex)"));
    expect(failures).toEqual(["mismatch:7"]);
    expect(exchanges[0]?.received).toEqual(["01 02 03 (hex)"]);
  });
});

describe("--bail and interruption", () => {
  it("skip what comes after the failures allowed", async () => {
    server = await scriptedServer(echo);
    const body = wire(">>> a\nb") + wire(">>> a\na");
    const { statuses } = await replay(`---\ntarget: ${server.target}\n---\n${body}`, { bail: 1 });
    expect(statuses).toEqual(["failed", "skipped"]);
  });

  it("report what had finished", async () => {
    const abort = new AbortController();
    server = await scriptedServer(async (peer) => {
      peer.write(`${await peer.line()}\r\n`);
      await peer.line();
      abort.abort();
      await peer.rest();
    });
    const text = `---\ntarget: ${server.target}\ntimeout: 1m\n---\n${wire(">>> a\na")}${wire(">>> b\nb")}`;
    const { exitCode, statuses, documents } = await replay(text, { signal: abort.signal });
    expect(exitCode).toBe(130);
    expect(statuses).toEqual(["passed"]);
    expect(documents[0]?.interrupted).toBe(true);
  });
});

describe("secrets", () => {
  it("are masked in every event", async () => {
    server = await scriptedServer(echo);
    const body = wire(">>> AUTH {{password}} {{password|base64}}\nno\n>>> token\n{{token}}");
    const { events } = await replay(`---\ntarget: ${server.target}\n---\n${body}`, {
      vars: { password: "hunter2" },
      secrets: ["password"],
    });
    const told = JSON.stringify(events);
    expect(told).toContain("AUTH ***");
    expect(told).not.toContain("hunter2");
    expect(told).not.toContain(Buffer.from("hunter2").toString("base64"));
  });
});
