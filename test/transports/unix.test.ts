import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { unix } from "../../src/transports/unix.ts";
import { describeTransport } from "../contract/transport.ts";
import { listenPlain, targetOf } from "../support/listening.ts";

const folder = mkdtempSync(join(tmpdir(), "wiredoc-unix-"));
let sockets = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeTransport("unix", {
  transport: unix,
  listen: () => listenPlain("unix", { path: join(folder, `${sockets++}.sock`) }),
  async refused() {
    const path = join(folder, "nobody.sock");
    return { target: targetOf("unix", { path }), message: `connect ENOENT ${path}` };
  },
  deviations: { sendsReset: "a Unix socket has no RST" },
});

test("a path too long for the system is refused, not cut short", async () => {
  const target = targetOf("unix", { path: `/${"x".repeat(200)}` });
  await expect(unix.connect(target, new AbortController().signal)).rejects.toThrow(/^connect E[A-Z]+ \/x+/);
});
