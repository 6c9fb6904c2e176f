import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../src/servers/free-port.ts";

it("is a port that can be listened on", async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => server.close(resolve));
});

it("is not given to two who ask at the same time, or soon after one another", async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, () => freePort()));
  for (let i = 0; i < 50; i++) ports.push(await freePort());
  expect(new Set(ports).size).toBe(150);
});
