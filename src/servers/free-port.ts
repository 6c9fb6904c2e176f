import { createServer } from "node:net";

/** How many ports stay reserved for those who asked for them but may not listen yet. */
const RESERVED = 256;
const reserved: number[] = [];

/**
 * A TCP port of 127.0.0.1 on which nobody listens. The same one is not given twice within {@link RESERVED} calls, as
 * servers that start side by side would fight for it. @throws what the system says.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await portOfTheSystem();
    if (reserved.includes(port)) continue;
    reserved.push(port);
    if (reserved.length > RESERVED) reserved.shift();
    return port;
  }
}

function portOfTheSystem(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
