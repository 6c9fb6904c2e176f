/** Generated values of RESP and the bytes that they are on the wire. */
import fc from "fast-check";

export type Value =
  | { readonly kind: "line"; readonly type: string; readonly text: string }
  | { readonly kind: "text"; readonly type: "$" | "=" | "!"; readonly text: string }
  | { readonly kind: "aggregate"; readonly type: "*" | "~" | "%" | ">"; readonly elements: readonly Value[] };

const latin1 = (max: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ maxLength: max })
    .map((bytes) => Buffer.from(bytes).toString("latin1"))
    .chain((any) => fc.oneof(fc.constant(any), fc.string({ maxLength: max, unit: "grapheme-ascii" })));

/** Text of a line: no CR and LF, and no NUL, at which redis-cli stops. */
const lineText = latin1(12).map((text) => text.replace(/[\r\n\0]/g, "."));
const line = (type: string, text: fc.Arbitrary<string>): fc.Arbitrary<Value> =>
  text.map((text) => ({ kind: "line", type, text }) as const);
const texts = (type: "$" | "=" | "!", text: fc.Arbitrary<string>): fc.Arbitrary<Value> =>
  text.map((text) => ({ kind: "text", type, text }) as const);

const simple = line("+", lineText);
const error = line(
  "-",
  lineText.map((text) => `ERR ${text}`),
);
const integer = line(":", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String));
const string = texts("$", latin1(20));
/** redis-cli stops at a NUL nowhere here, but its CR LF is one line ending. */
const verbatim = texts(
  "=",
  latin1(20).map((text) => `txt:${text.replace(/\r/g, ".")}`),
);
const double = line(
  ",",
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => String(number)),
    fc.constantFrom("inf", "-inf", "0", "-0", "1.", ".5", "1e5"),
  ),
);

const scalars2 = [simple, error, integer, string, string, line("$", fc.constant("-1")), line("*", fc.constant("-1"))];
const scalars3 = [...scalars2, verbatim, double, line("_", fc.constant("")), line("#", fc.constantFrom("t", "f"))];

const aggregate = (type: "*" | "~" | "%" | ">", element: fc.Arbitrary<Value>, maxLength = 12): fc.Arbitrary<Value> =>
  fc
    .array(element, { maxLength, size: "max" })
    .map(
      (all) =>
        ({ kind: "aggregate", type, elements: type === "%" && all.length % 2 === 1 ? all.slice(1) : all }) as const,
    );

/** What a server of the second version answers. */
export const resp2: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: "medium" }, ...scalars2, aggregate("*", tie("value"))),
})).value;

/** And of the third. */
export const resp3: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "medium" },
    ...scalars3,
    aggregate("*", tie("value")),
    aggregate("~", tie("value")),
    aggregate("%", tie("value"), 24),
  ),
})).value;

/** A message that nobody asked for. Its name is a string; the elements that follow are any. */
export const push: fc.Arbitrary<Value> = fc
  .tuple(string, fc.array(resp3, { maxLength: 3 }))
  .map(([name, rest]) => ({ kind: "aggregate", type: ">", elements: [name, ...rest] }) as const);

/** Types that redis-cli 7.0 cannot read. */
const further = [
  texts(
    "!",
    latin1(20).map((text) => `ERR ${text}`),
  ),
  line("(", fc.bigInt().map(String)),
  line(",", fc.constantFrom("nan", "-nan", "+1.5E+3")),
];

/** Everything there is. */
export const anything: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    ...scalars3,
    ...further,
    aggregate("*", tie("value")),
    aggregate("~", tie("value")),
    aggregate("%", tie("value"), 24),
  ),
})).value;

const word = fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,6})?$/);
const plainScalars = [
  line("+", word),
  line(
    "-",
    word.map((text) => `ERR ${text}`),
  ),
  integer,
  string,
  double,
  line("_", fc.constant("")),
  line("#", fc.constantFrom("t", "f")),
  line("(", fc.bigInt().map(String)),
];

/** What no other value is shown as: texts are words, and the keys of maps take one line. */
export const plain: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    ...plainScalars,
    aggregate("*", tie("value")),
    aggregate("~", tie("value")),
    fc
      .array(fc.tuple(fc.oneof(...plainScalars), tie("value")), { maxLength: 12, size: "max" })
      .map((pairs) => ({ kind: "aggregate", type: "%", elements: pairs.flat() }) as const),
  ),
})).value;

/** The bytes of a value, as a string with a unit for each. `streamed`: what can come in pieces does. */
export function encode(value: Value, streamed = false): string {
  switch (value.kind) {
    case "line":
      return `${value.type}${value.text}\r\n`;
    case "text": {
      if (!streamed || value.type !== "$") return `${value.type}${value.text.length}\r\n${value.text}\r\n`;
      const chunks = value.text.match(/[\s\S]{1,3}/g) ?? [];
      return `$?\r\n${chunks.map((chunk) => `;${chunk.length}\r\n${chunk}\r\n`).join("")};0\r\n`;
    }
    case "aggregate": {
      const elements = value.elements.map((element) => encode(element, streamed)).join("");
      const count = value.type === "%" ? value.elements.length / 2 : value.elements.length;
      return streamed && value.type !== ">"
        ? `${value.type}?\r\n${elements}.\r\n`
        : `${value.type}${count}\r\n${elements}`;
    }
    default:
      return value satisfies never;
  }
}

/** Lines of what replies are made of. */
export const pieces: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom("1) ", "2) ", " 1) ", "1# ", "2# ", "1~ ", "1| ", " => ", "   ", "      ", " ", '"', '"a"', "\\"),
      fc.constantFrom(
        "(nil)",
        "(integer) 1",
        "(integer) ",
        "(error) ",
        "(true)",
        "(empty array)",
        "OK",
        "\r",
        "constructor",
      ),
    ),
    { maxLength: 6 },
  )
  .map((all) => all.join(""));
