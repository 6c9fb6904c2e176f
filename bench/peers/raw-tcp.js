/**
 * PING after PING at its barest on Node: what a runner in JavaScript cannot go below. Usage: node raw-tcp.js PORT COUNT
 */
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const request = Buffer.from("PING\r\n");
const buffer = Buffer.alloc(65_536);
let left = count;
let text = "";

const socket = connect({
  host: "127.0.0.1",
  port,
  noDelay: true,
  onread: {
    buffer,
    callback(length) {
      text += buffer.latin1Slice(0, length);
      if (!text.endsWith("\n")) return true;
      if (text !== "+PONG\r\n") process.exit(1);
      text = "";
      if (--left > 0) socket.write(request);
      else socket.end();
      return true;
    },
  },
});
socket.on("connect", () => socket.write(request));
socket.on("close", () => process.exit(left === 0 ? 0 : 1));
