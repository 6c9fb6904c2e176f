/** One recording of each form, for tests that any of them has to pass. */
const BAR = "=".repeat(67);
const follow = (form: string, body: string): string =>
  `${BAR}\nFollow: tcp,${form}\nFilter: tcp.stream eq 0\nNode 0: 127.0.0.1:4000\nNode 1: 127.0.0.1:6379\n${body}${BAR}\n`;
const ROWS = "00000000  50 49 4E 47 0d 0a                                 PING..\n";
const CURL =
  "* Connected to localhost (127.0.0.1) port 80 (#0)\n> GET / HTTP/1.1\r\n> Host: localhost\r\n> \r\n< HTTP/1.1 200 OK\r\n< Content-Length: 6\r\n< \r\nhello\n* Connection #0 to host localhost left intact\n";
const TRACE =
  "== Info: Connected to localhost (127.0.0.1) port 80 (#0)\n=> Send header, 18 bytes (0x12)\n0000: GET / HTTP/1.1\n0010: \n<= Recv header, 17 bytes (0x11)\n0000: HTTP/1.1 200 OK\n<= Recv header, 2 bytes (0x2)\n0000: \n<= Recv data, 1 bytes (0x1)\n0000: a\n";
const HAR = {
  log: {
    entries: [
      {
        request: {
          method: "POST",
          url: "http://localhost/",
          headers: [{ name: "A", value: "b" }],
          postData: { text: "x" },
        },
        response: { status: 200, statusText: "OK", headers: [], content: { size: 1, text: "y" } },
      },
    ],
  },
};

export const SAMPLES: Readonly<Record<string, string>> = {
  "curl -v": CURL,
  "curl --trace-ascii": TRACE,
  HAR: JSON.stringify(HAR),
  "socat -v":
    "> 2026/01/02 03:04:05.000000007  length=6 from=0 to=5\nPING\\r\n< 2026/01/02 03:04:05.000000008  length=7 from=0 to=6\n+PONG\\r\n",
  "socat -x": "> 2026/01/02 03:04:05.000000007  length=2 from=0 to=1\n 61 0a\n",
  "tshark's ascii": follow("ascii", "6\nPING\r\n\n\t7\n+PONG\r\n\n"),
  "tshark's hex": follow("hex", ROWS),
  "tshark's raw": follow("raw", "50494e470d0a\n\t2b504f4e470d0a\n"),
  "a hex dump": ROWS,
  "C arrays": "char peer0_0[] = { /* Packet 4 */\n0x50, 0x49, 0x4E, 0x47, \n0x0d, 0x0a };\n",
  YAML: "peers:\n  - peer: 0\n    host: 127.0.0.1\n    port: 4000\n  - peer: 1\n    host: 127.0.0.1\n    port: 6379\npackets:\n  - packet: 4\n    peer: 0\n    timestamp: 1.5\n    data: !!binary |\n      UElORw0K\n",
};
