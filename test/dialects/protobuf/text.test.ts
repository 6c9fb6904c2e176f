import { describe, expect, it } from "vitest";
import { DOOZER_PROTO, everything, hex, receive, send, speaking } from "./support.ts";

const open = await everything();

/** What one client line sends, without the length in front. */
const sent = (line: string): string => send(open(), [line]).slice(2);

describe("a client line", () => {
  it.each<[string, string]>([
    ["", ""],
    ["   ", ""],
    ["{}", ""],
    ["# nothing but a comment", ""],
    ["f_int32: 1", "1801"],
    ["f_int32: -1", "18ffffffffffffffffff01"],
    ["f_int32: - 1", "18ffffffffffffffffff01"],
    ["f_int32: 0x1F", "181f"],
    ["f_int32: 017", "180f"],
    ["f_int32: 0", "1800"],
    ["f_int32: -2147483648", "1880808080f8ffffffff01"],
    ["f_int64: 9223372036854775807", "20ffffffffffffffff7f"],
    ["f_int64: -9223372036854775808", "2080808080808080808001"],
    ["f_uint32: 4294967295", "28ffffffff0f"],
    ["f_uint64: 18446744073709551615", "30ffffffffffffffffff01"],
    ["f_sint32: -1", "3801"],
    ["f_sint32: -2147483648", "38ffffffff0f"],
    ["f_sint64: 9223372036854775807", "40feffffffffffffffff01"],
    ["f_sint64: -9223372036854775808", "40ffffffffffffffffff01"],
    ["f_fixed32: 1", "4d01000000"],
    ["f_fixed64: 18446744073709551615", "51ffffffffffffffff"],
    ["f_sfixed32: -2", "5dfeffffff"],
    ["f_sfixed64: -2", "61feffffffffffffff"],
    ["f_float: 1.5", "150000c03f"],
    ["f_float: 1", "150000803f"],
    ["f_float: 1e2f", "150000c842"],
    ["f_float: -inf", "15000080ff"],
    ["f_float: nan", "150000c07f"],
    ["f_double: .5", "09000000000000e03f"],
    ["f_double: -0", "090000000000000080"],
    ["f_double: 1E+2", "090000000000005940"],
    ["f_double: Infinity", "09000000000000f07f"],
    ["f_bool: true", "6801"],
    ["f_bool: t f_int32: 1", "18016801"],
    ["f_bool: False", "6800"],
    ["f_bool: 1", "6801"],
    [`f_string: "a"`, "720161"],
    [`f_string: 'it "is"'`, "7207697420226973" + "22"],
    [`f_string: "a" "b" 'c'`, "7203616263"],
    [`f_string: "é\\u00e9\\U0001F600"`, "7208c3a9c3a9f09f9880"],
    [`f_string: "\\377"`, "7201ff"],
    [`f_bytes: "\\a\\b\\f\\n\\r\\t\\v\\?\\\\\\'\\"\\0\\x7f\\xA\\12"`, "7a0f07080c0a0d090b3f5c272200" + "7f0a0a"],
    ["f_enum: UP", "800101"],
    ["f_enum: HIGHER", "800101"],
    ["f_enum: -1", "8001ffffffffffffffffff01"],
    ["f_enum: 77", "80014d"],
    ["f_message { f_int32: 1 }", "8a01021801"],
    ["f_message: { f_int32: 1 }", "8a01021801"],
    ["f_message < f_int32: 1 >", "8a01021801"],
    ["f_message {}", "8a0100"],
    ["Pair { left: 1 }", "9301080194" + "01"],
    ["pair { left: 1 }", "9301080194" + "01"],
    ["r_int32: 1 r_int32: 2", "a00101a00102"],
    ["r_int32: [1, 2]", "a00101a00102"],
    ["r_int32: []", ""],
    ["r_packed: [1, -1] r_packed: 2", "aa0103020104"],
    ["r_message [{}, { f_int32: 1 }]", "ba0100ba01021801"],
    ["r_enum: [UP, DOWN, 5]", "c2010c01ffffffffffffffffff0105"],
    [`m_string { key: "a" value: 1 }`, "f201050a01611001"],
    [`m_string: [{ key: "a" }, { value: 1 }]`, "f201030a0161f201021001"],
    ["m_message { key: 1 value { f_bool: true } }", "fa01060801" + "12026801"],
    [`by_name: "x"`, "c2020178"],
    ["when { seconds: 5 }", "9203020805"],
    ['colour: RED mix { label: "" }', "a00301aa03022200"],
    [`[every.note]: "x"`, "a2060178"],
    ["[every.marks]: [1, 2]", "a80601a80602"],
    [`[every.Strict.strict] { id: 1 name: "n" }`, "b206050801" + "12016e"],
    ["f_int64: 2, f_int32: 1; f_bool: true", "180120026801"],
    // By their numbers, whatever the schema says.
    ["99: 5", "980605"],
    ["99: -1", "9806ffffffffffffffffff01"],
    ["99: 0x00000005", "9d0605000000"],
    ["99: 0x0000000000000005", "99060500000000000000"],
    ["99: 0x5", "980605"],
    [`99: "a" 'b'`, "9a06026162"],
    ["99 { 1: 5 2 { 3: 6 } }", "9a06060805" + "12021806"],
    ["3: 1 3: 2", "18011802"],
  ])("%s", (line, bytes) => {
    expect(sent(line)).toBe(bytes);
  });

  it("names what an Any holds", () => {
    const url = Buffer.from("type.googleapis.com/every.All");
    const held = `0a${url.length.toString(16)}${url.toString("hex")}12021801`;
    expect(sent("any { [type.googleapis.com/every.All] { f_int32: 1 } }")).toBe(
      `9a03${(held.length / 2).toString(16)}${held}`,
    );
  });

  it("sends a default value that is written, also where proto3 would leave it out", async () => {
    const codec = (await everything({ request: "paint.Mix" }))();
    expect(send(codec, [`label: "" tag: 0 parts: [0, 1]`]).slice(2)).toBe("0800" + "12020001" + "2200");
  });

  it("goes behind its length, several lines in one piece", async () => {
    for (const [framing, size] of Object.entries({ varint: "02", uint32be: "00000002", uint32le: "02000000" })) {
      const codec = (await everything({ framing }))();
      expect(send(codec, ["f_int32: 1", "f_int32: 2"])).toBe(`${size}1801${size}1802`);
    }
    const long = (await everything())();
    expect(send(long, [`f_bytes: "${"x".repeat(300)}"`]).slice(0, 10)).toBe("af027aac02");
  });
});

const strict = await everything({ request: "Strict" });
const verbs = await speaking({
  schema: DOOZER_PROTO,
  request: "Request",
  response: "Response",
  verb: "verb",
});

describe("a mistake in a client line has its column", () => {
  const complaint = (line: string, codec = open()): string => {
    try {
      send(codec, [line]);
    } catch (error) {
      const { name, column, message } = error as Error & { column: number };
      expect(name).toBe("LineError");
      return `${column}: ${message}`;
    }
    return "";
  };

  it.each<[string, string]>([
    ["f_int31: 1", `1: every.All has no field "f_int31" (did you mean "f_int32"?)`],
    ["f_bool: t xyz: 1", `11: every.All has no field "xyz"`],
    ["f_message { f_in: 1 }", `13: every.All has no field "f_in"`],
    ["f_int32 1", `9: a ":" is due between f_int32 and its value, not "1"`],
    ["f_int32: ", "10: f_int32 is an int32: an integer is due, not the end of the line"],
    ["f_int32: x", `10: f_int32 is an int32: an integer is due, not "x"`],
    ["f_int32: 1.5", `10: f_int32 is an int32: an integer is due, not "1.5"`],
    ["f_int32: 08", `10: f_int32 is an int32: an integer is due, not "08"`],
    ["f_int32: 1x", `10: f_int32 is an int32: an integer is due, not "1x"`],
    ["f_int32: -", `10: f_int32 is an int32: an integer is due, not "-"`],
    ["f_int32: 2147483648", "10: 2147483648 does not fit into int32 (-2147483648 to 2147483647)"],
    ["f_uint32: -1", "11: -1 does not fit into uint32 (0 to 4294967295)"],
    [
      "f_fixed64: 18446744073709551616",
      "12: 18446744073709551616 does not fit into fixed64 (0 to 18446744073709551615)",
    ],
    ["f_sfixed32: -2147483649", "13: -2147483649 does not fit into sfixed32 (-2147483648 to 2147483647)"],
    ["f_float: x", `10: f_float is a float: a number is due, not "x"`],
    ["f_float: 0x1", `10: f_float is a float: a number is due, not "0x1"`],
    ["f_bool: yes", `9: f_bool is a bool: true or false is due, not "yes"`],
    ["f_bool: toString", `9: f_bool is a bool: true or false is due, not "toString"`],
    ["f_string: x", `11: f_string is a string: a text in quotes is due, not "x"`],
    ["f_string: -", `11: f_string is a string: a text in quotes is due, not "-"`],
    ["f_bytes: 5", `10: f_bytes is bytes: a text in quotes is due, not "5"`],
    [`f_string: "x`, `11: this text has no closing "`],
    [`f_string: 'x"`, `11: this text has no closing '`],
    [`f_string: "x\\"`, `11: this text has no closing "`],
    [
      `f_string: "é\\q"`,
      String.raw`13: "\q" is no escape; there are \n \r \t \" \' \\ \a \b \f \v \?, \NNN (octal), \xHH, \uHHHH and \UHHHHHHHH`,
    ],
    [`f_string: "\\ud800"`, "12: there is no character U+d800"],
    [`f_string: "\\400"`, "12: \\400 is more than a byte; the largest is \\377"],
    ["f_enum: LEFT", `9: "LEFT" is no value of Direction`],
    ["f_enum: DOWM", `9: "DOWM" is no value of Direction (did you mean "DOWN"?)`],
    [`f_enum: "UP"`, `9: f_enum is of the enum Direction: a name or a number is due, not the text "UP"`],
    ["f_enum: 4294967296", "9: 4294967296 does not fit into int32 (-2147483648 to 2147483647)"],
    ["f_message: 5", `12: f_message is a message: it stands in { }, not "5"`],
    ["f_message { f_int32: 1", `11: the message f_message has no end: "}" is due`],
    ["f_message { f_int32: 1 >", `24: the message f_message has no end: "}" is due here, not ">"`],
    ["f_int32: 1 }", `12: the name of a field is due here, not "}"`],
    ["f_int32: 1,, f_int64: 2", `12: the name of a field is due here, not ","`],
    ["f_int32: 1 f_int32: 2", "12: f_int32 stands twice in every.All, where it can be only once"],
    [`by_name: "x" by_number: 1`, `14: by_number and by_name exclude each other: they are of the oneof "choice"`],
    ["f_int32: [1]", "10: f_int32 is not repeated in every.All, so it has no list of values"],
    ["r_int32: [1, x]", `14: r_int32 is an int32: an integer is due, not "x"`],
    ["r_int32: [1", `12: the list of r_int32 has no end: "]" is due`],
    ["r_int32: [1 2]", `13: the list of r_int32 has no end: "]" is due here, not "2"`],
    ["[every.nota]: 1", `1: every.All has no extension "[every.nota]" (did you mean "[every.note]"?)`],
    ["any { [x.org/every.Al] {} }", `7: no message type "x.org/every.Al" is known`],
    ["0: 1", `1: "0" is neither the name of a field nor its number (1 to 536870911)`],
    ["5.5: 1", `1: "5.5" is neither the name of a field nor its number (1 to 536870911)`],
    ["99: x", `5: what is sent by its number is an integer, a text in quotes or a message in { }, not "x"`],
    [
      "99: 18446744073709551616",
      `5: what is sent by its number is an integer, a text in quotes or a message in { }, not "18446744073709551616"`,
    ],
    ["99 { x: 1 }", `6: "x" has no number: of a message without a schema the fields are numbered`],
    ["f_int32: 1 é", `12: "é" means nothing here; a text stands in quotes`],
    ["=", `1: "=" means nothing here; a text stands in quotes`],
    [`${"f_message { ".repeat(101)}`, "1211: messages are nested deeper than 100"],
  ])("%s", (line, message) => expect(complaint(line)).toBe(message));

  it.each<[string, string]>([
    ["id: 1", "1: the message every.Strict needs the field name"],
    [`id: 1 name: "n" inner { name: "m" }`, "23: the message every.Strict needs the field id"],
    [`id: 1 name: "n" nam: "m"`, `17: every.Strict has no field "nam" (did you mean "name"?)`],
    [`x: 1`, `1: every.Strict has no field "x"; it has id, name, inner`],
  ])("required: %s", (line, message) => expect(complaint(line, strict())).toBe(message));

  it.each<[string, string]>([
    ['STE path: "/"', `1: "STE" is no value of Verb (did you mean "SET"?); another number is sent as verb: N`],
    ["FETCH", `1: "FETCH" is no value of Verb; another number is sent as verb: N`],
    ["SET verb: 3", "5: verb stands twice in server.Request, where it can be only once"],
    ["SET SET", `5: server.Request has no field "SET"`],
    [`SET "x"`, `5: the name of a field is due here, not the text "x"`],
    [`path "x"`, `6: a ":" is due between path and its value, not the text "x"`],
    [`pat "x"`, `1: server.Request has no field "pat" (did you mean "path"?)`],
    ['path value: "x"', `6: a ":" is due between path and its value, not "value"`],
  ])("verb: %s", (line, message) => expect(complaint(line, verbs())).toContain(message));

  it("reads a verb in front", () => {
    const codec = verbs();
    for (const [line, bytes] of Object.entries({
      REV: "1005",
      'SET,path: "a"': "1002" + "220161",
      "verb: REV": "1005",
      "verb: 200": "10c801",
      "": "",
      "GET 9: 5": "10014805",
    }))
      expect(send(codec, [line]).slice(2)).toBe(bytes);
  });

  it("fills in a tag that is required", async () => {
    const codec = (await everything({ request: "Strict", response: "Strict", tag: "id" }))();
    expect(send(codec, [`name: "n"`])).toBe("050801" + "12016e");
    expect(receive(codec, [hex("05 0801 12016d")])).toEqual([`name: "m"`]);
  });
});
