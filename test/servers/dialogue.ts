import { connect, type Socket } from "node:net";
import type { RunningServer } from "../../src/servers/server.ts";

/** A client of a text protocol: sends what it is told to, and hands over what comes line by line. */
export class Dialogue {
  readonly #socket: Socket;
  #received = "";
  #wake: () => void = () => {};
  #closed = false;

  constructor(server: RunningServer) {
    this.#socket = connect({ port: Number(new URL(server.target).port), host: "127.0.0.1" });
    this.#socket.on("data", (chunk) => {
      this.#received += chunk.toString("latin1");
      this.#wake();
    });
    const close = (): void => {
      this.#closed = true;
      this.#wake();
    };
    this.#socket.on("end", close).on("close", close).on("error", close);
  }

  /** Sends lines, each with a CRLF. */
  say(...lines: string[]): this {
    return this.write(lines.map((line) => `${line}\r\n`).join(""));
  }

  write(bytes: string): this {
    this.#socket.write(Buffer.from(bytes, "latin1"));
    return this;
  }

  /** The next lines, each of which has to end in CRLF; `<closed>` where the server has closed. */
  async hear(count = 1): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) {
      const end = this.#received.indexOf("\n");
      if (end !== -1) {
        const line = this.#received.slice(0, end + 1);
        this.#received = this.#received.slice(end + 1);
        lines.push(line.endsWith("\r\n") ? line.slice(0, -2) : JSON.stringify(line));
      } else if (this.#closed) {
        lines.push(`<closed>${this.#received}`);
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
    return lines;
  }

  /** Sends one line and gives the lines that answer it. */
  ask(line: string, count = 1): Promise<string[]> {
    return this.say(line).hear(count);
  }

  pause(): void {
    this.#socket.pause();
  }

  /** Sends no more. */
  finish(): this {
    this.#socket.end();
    return this;
  }

  leave(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.once("close", () => resolve()).destroy();
    });
  }
}
