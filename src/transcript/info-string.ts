/** How attributes are written: `name`, `name=value`, `name="a value"` or `name='a value'`. */
const ATTRIBUTE = /([A-Za-z][A-Za-z0-9_-]*)(?:(=)(?!["'])(\S*))?/y;

export interface WrittenAttribute {
  readonly name: string;
  /** Undefined where it is a bare word. */
  readonly value: string | undefined;
  /** Where it ends. */
  readonly end: number;
}

/** An attribute at a place of an info string, up to white space or the end; undefined where there is none. */
export function attributeAt(info: string, at: number): WrittenAttribute | undefined {
  ATTRIBUTE.lastIndex = at;
  const match = ATTRIBUTE.exec(info);
  if (!match) return undefined;
  const [whole, name = "", equals, plain] = match;
  let end = at + whole.length;
  let value = equals === undefined ? undefined : plain;
  const quote = info[end + 1];
  if (equals === undefined && info[end] === "=" && (quote === '"' || quote === "'")) {
    const close = closingQuote(info, end + 2, quote);
    if (close < 0) return undefined;
    value = info.slice(end + 2, close);
    if (quote === '"') value = value.replaceAll(/\\(.)/g, "$1");
    end = close + 1;
  }
  return end === info.length || /\s/.test(info[end]!) ? { name, value, end } : undefined;
}

function closingQuote(info: string, from: number, quote: string): number {
  for (let at = from; at < info.length; at++) {
    if (info[at] === quote) return at;
    if (quote === '"' && info[at] === "\\") at++;
  }
  return -1;
}
