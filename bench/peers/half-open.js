/**
 * A server that answers each line with `+PONG` and never ends a connection, not even where the client has ended its half.
 * Usage: node half-open.js PORT
 */
import { createServer } from "node:net";

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("data", () => socket.write("+PONG\r\n")).on("error", () => socket.destroy());
}).listen(Number(process.argv[2]), "127.0.0.1");
