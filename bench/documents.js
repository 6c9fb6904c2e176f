/** The documents that are measured. */

const front = (target) => `---\ntarget: ${target}\n---\n`;

/** Exchanges under a heading: a document of thousands is many sections, not one block. */
const PER_EXAMPLE = 10;

/** `exchange` gives the text of the exchange of a number. */
function sections(count, exchange) {
  let text = "";
  for (let done = 0; done < count; done += PER_EXAMPLE) {
    text += `\n## Section ${done / PER_EXAMPLE + 1}\n\n\`\`\`wire\n`;
    for (let i = done; i < Math.min(done + PER_EXAMPLE, count); i++) text += exchange(i);
    text += "```\n";
  }
  return text;
}

/** `count` times PING to Redis. */
export const pings = (port, count) =>
  `${front(`tcp://127.0.0.1:${port}`)}# PING\n${sections(count, () => ">>> PING\n+PONG\n")}`;

/** `count` ECHOs to Redis, no two alike, with a placeholder in each reply. */
export const echoes = (port, count) =>
  `${front(`tcp://127.0.0.1:${port}`)}# ECHO\n${sections(count, (i) => `>>> ECHO ${i}\n$${String(i).length}\n{{_:int}}\n`)}`;

/** `count` GETs on one connection, of the path of each number. */
export const gets = (port, count, body, path = () => "/") =>
  `${front(`http://127.0.0.1:${port}`)}# GET\n${sections(count, (i) => `>>> GET ${path(i)} HTTP/1.1\nHTTP/1.1 200 OK\n\n${body}\n\n`)}`;

/** The same for hurl. */
export const hurlGets = (port, count, body) =>
  `GET http://127.0.0.1:${port}/\nHTTP 200\n[Asserts]\nbody == "${body}"\n\n`.repeat(count);

/** `count` times PING for cram, with a netcat for each, as cram's tests are written. */
export const cramPings = (port, count) =>
  `  $ printf 'PING\\r\\n' | nc -N 127.0.0.1 ${port}\n  +PONG\\r (esc)\n`.repeat(count);

const SENTENCES = [
  "A reply ends when its last line has matched, and not a moment later.",
  "The `timeout` is *the longest* time that one reply may take; see [the guide](guide.md#timeouts).",
  "What the server sends beyond it belongs to nobody, and is reported.",
  "Numbers such as 1,000 or `0x3e8` are text like any other here.",
];

/** Prose of `size` bytes or a little more: paragraphs, lists, quotes and tables, and an exchange every 40 lines. */
export function prose(size) {
  let text = front("tcp://127.0.0.1:1");
  for (let section = 1; text.length < size; section++) {
    const line = (i) => SENTENCES[(section + i) % SENTENCES.length];
    text += `\n## Section ${section}\n\n`;
    for (let i = 0; i < 5; i++) text += `${line(i)}\n${line(i + 1)}\n${line(i + 2)}\n\n`;
    text += `- ${line(0)}\n- ${line(1)}\n  ${line(2)}\n\n> ${line(3)}\n> ${line(0)}\n\n1. ${line(1)}\n2. ${line(2)}\n\n`;
    text += `\`\`\`wire\n>>> get key:${section}\nVALUE ${section}\n\`\`\`\n`;
  }
  return text;
}

/** What Redis keeps under `big`, and a document that expects wholly different lines of it. */
export const LINES = 10_000;
export const bigReply = Array.from({ length: LINES }, (_, i) => `what the server says in line ${i}: ${i * 7919}`).join(
  "\r\n",
);
export const differentReply = (port) => {
  const lines = Array.from({ length: LINES }, (_, i) => `expected was ${i * 104_729}, number ${i}`);
  return `${front(`tcp://127.0.0.1:${port}`)}# GET\n\n\`\`\`wire\n>>> GET big\n${lines.join("\n")}\n\`\`\`\n`;
};
