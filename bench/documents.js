/** The documents that are measured. */

const front = (target) => `---\ntarget: ${target}\n---\n`;

/** Exchanges under a heading, where a row does not say otherwise: a document of thousands is many sections, not one block. */
const PER_EXAMPLE = 10;

/** `exchange` gives the text of the exchange of a number. */
function sections(count, exchange, perExample = PER_EXAMPLE) {
  let text = "";
  for (let done = 0; done < count; done += perExample) {
    text += `\n## Section ${done / perExample + 1}\n\n\`\`\`wire\n`;
    for (let i = done; i < Math.min(done + perExample, count); i++) text += exchange(i);
    text += "```\n";
  }
  return text;
}

/** `count` times PING. */
export const pings = (port, count) =>
  `${front(`tcp://127.0.0.1:${port}`)}# PING\n${sections(count, () => ">>> PING\n+PONG\n")}`;

/** `count` ECHOs to Redis, no two alike, with a placeholder in each reply. */
export const echoes = (port, count, perExample) =>
  `${front(`tcp://127.0.0.1:${port}`)}# ECHO\n${sections(count, (i) => `>>> ECHO ${i}\n$${String(i).length}\n{{_:int}}\n`, perExample)}`;

const http = (port, title, text) => `${front(`http://127.0.0.1:${port}`)}# ${title}\n${text}`;

/** `count` GETs on one connection, of the same path, or each of another. */
export const gets = (port, count, body, pathOf = (i) => `/?${i}`, perExample = undefined) =>
  http(
    port,
    "GET",
    sections(count, (i) => `>>> GET ${pathOf(i)} HTTP/1.1\nHTTP/1.1 200 OK\n\n${body}\n\n`, perExample),
  );

/** The same with a header sent, two written, and a body that is captured. */
export const getsWithHeaders = (port, count) =>
  http(
    port,
    "GET with headers",
    sections(
      count,
      (i) =>
        `>>> GET /?${i} HTTP/1.1\n>>> Accept: text/plain\nHTTP/1.1 200 OK\nContent-Type: text/plain\nConnection: keep-alive\n\n{{body${i}}}\n\n`,
      5,
    ),
  );

/** The same for hurl. */
export const hurlGets = (port, count, body) =>
  Array.from(
    { length: count },
    (_, i) => `GET http://127.0.0.1:${port}/?${i}\nHTTP 200\n[Asserts]\nbody == "${body}"\n\n`,
  ).join("");
export const hurlGetsWithHeaders = (port, count) =>
  Array.from(
    { length: count },
    (_, i) =>
      `GET http://127.0.0.1:${port}/?${i}\nAccept: text/plain\nHTTP 200\nContent-Type: text/plain\nConnection: keep-alive\n[Captures]\nbody${i}: body\n\n`,
  ).join("");

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
