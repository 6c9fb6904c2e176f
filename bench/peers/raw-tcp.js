/**
 * Request after request at its barest on Node: what a runner in JavaScript cannot go below.
 * Usage: node raw-tcp.js PORT COUNT ping|echo. `echo` sends another number each time.
 */
import { connect } from "node:net";

const [port, count] = process.argv.slice(2, 4).map(Number);
const isEcho = process.argv[4] === "echo";
const requestOf = (i) => (isEcho ? `ECHO ${i}\r\n` : "PING\r\n");
const replyOf = (i) => (isEcho ? `$${String(i).length}\r\n${i}\r\n` : "+PONG\r\n");
const buffer = Buffer.alloc(65_536);
let done = 0;
let text = "";

const socket = connect({
  host: "127.0.0.1",
  port,
  noDelay: true,
  onread: {
    buffer,
    callback(length) {
      text += buffer.latin1Slice(0, length);
      const reply = replyOf(done);
      if (text.length < reply.length) return true;
      if (text !== reply) process.exit(1);
      text = "";
      if (++done < count) socket.write(requestOf(done), "latin1");
      else socket.end();
      return true;
    },
  },
});
socket.on("connect", () => socket.write(requestOf(0)));
socket.on("close", () => process.exit(done === count ? 0 : 1));
