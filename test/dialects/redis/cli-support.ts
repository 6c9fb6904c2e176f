/** The real redis-cli, talking to a server that says what a test wants. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Peer, scriptedServer } from "../../support/scripted-server.ts";

const MARK = "the output of one command ends here";

async function readCommand(peer: Peer): Promise<readonly string[]> {
  const count = Number((await peer.line()).slice(1));
  const args: string[] = [];
  for (let i = 0; i < count; i++) {
    const length = Number((await peer.line()).slice(1));
    args.push((await peer.bytes(length + 2)).toString("latin1").slice(0, -2));
  }
  return args;
}

export interface CliRun {
  /** What each line made redis-cli print. */
  readonly outputs: readonly string[];
  /** The arguments that each line made it send; undefined where it sent nothing. */
  readonly sent: readonly (readonly string[] | undefined)[];
}

/** Runs `redis-cli --no-raw` on lines. `answer` is the bytes (a unit each) that the server sends for line number `i`. */
export async function runCli(lines: readonly string[], version: 2 | 3, answer: (i: number) => string): Promise<CliRun> {
  const sent: (readonly string[] | undefined)[] = [];
  let current = 0;
  const server = await scriptedServer(async (peer) => {
    for (;;) {
      const args = await readCommand(peer);
      const [name] = args;
      if (name === "COMMAND") peer.write("*0\r\n");
      else if (name === "HELLO") peer.write("%1\r\n+proto\r\n:3\r\n");
      else if (name === "MARK") {
        current++;
        peer.write(`+${MARK}\r\n`);
      } else {
        sent[current] = args;
        peer.write(Buffer.from(answer(current), "latin1"));
      }
    }
  });
  try {
    const options = version === 3 ? ["-3", "--show-pushes", "yes"] : [];
    const cli = spawn("redis-cli", ["--no-raw", "-p", String(server.port), ...options], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { PATH: process.env.PATH, LC_ALL: "C", REDISCLI_RCFILE: "/dev/null", HOME: "/nonexistent" },
    });
    const chunks: Buffer[] = [];
    cli.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    cli.stdin.end(Buffer.from(`${lines.map((line) => `${line}\nMARK\n`).join("")}`, "latin1"));
    await once(cli, "close");
    const outputs = Buffer.concat(chunks).toString("latin1").split(`${MARK}\n`);
    return { outputs: outputs.slice(0, -1), sent: lines.map((_, i) => sent[i]) };
  } finally {
    await server.close();
  }
}
