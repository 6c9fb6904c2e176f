/**
 * HTTP at its barest on Node: a socket, GET after GET, each response read to the end of its Content-Length and its status
 * line and body compared. Usage: node raw-http.js PORT COUNT BODY alike|different|header. `different` asks for another
 * path each time, `header` sends a header with it.
 */
import { connect } from "node:net";

const [port, count, body, what] = [Number(process.argv[2]), Number(process.argv[3]), ...process.argv.slice(4)];
const pathOf = (i) => (what === "alike" ? "/" : `/?${i}`);
const header = what === "header" ? "Accept: text/plain\r\n" : "";
const requestOf = (i) => `GET ${pathOf(i)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${header}\r\n`;
let done = 0;
let text = "";

const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => socket.write(requestOf(0)));
socket.setEncoding("latin1");
socket.on("data", (chunk) => {
  text += chunk;
  const head = text.indexOf("\r\n\r\n") + 4;
  if (head < 4) return;
  const end = head + Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1]);
  if (text.length < end) return;
  if (!text.startsWith("HTTP/1.1 200 ") || text.slice(head, end) !== body) process.exit(1);
  text = text.slice(end);
  if (++done < count) socket.write(requestOf(done), "latin1");
  else socket.end();
});
socket.on("close", () => process.exit(done === count ? 0 : 1));
