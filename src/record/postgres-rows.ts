/**
 * Messages of a PostgreSQL server as rows of bytes (its manual, section 55.7). What it makes up is left open: the key for
 * cancelling a query, numbers of tables and types that users made, and times of the present.
 */
import { type ByteString, decodeText, encodeText, writeBytes } from "../base/bytes.ts";
import { writeDump } from "../base/dump.ts";

/** Numbers of what users made begin here (FirstNormalObjectId). */
const FIRST_OF_USERS = 16_384;
const ANY_WORD = "?? ?? ?? ??";
/** Type, length and number of fields. */
const HEAD = 7;
/** What follows the name of a field: numbers of table, column and type, sizes, format. */
const FIELD = 18;

/** @param openTimes a text with placeholders for times of the present. @returns undefined for a message without such parts. */
export function rowsOf(message: ByteString, openTimes: (text: string) => string): readonly string[] | undefined {
  switch (message[0]) {
    case "K":
      return [`${writeBytes(message.slice(0, 5))}${" ??".repeat(message.length - 5)}`];
    case "T":
      return fieldRows(message);
    case "D":
      return valueRows(message, openTimes);
    default:
      return undefined;
  }
}

/** A description of rows: each field has a row of its own. */
function fieldRows(message: ByteString): readonly string[] | undefined {
  const rows = [writeBytes(message.slice(0, HEAD))];
  for (let at = HEAD; at < message.length; ) {
    const end = message.indexOf("\0", at) + 1;
    if (end === 0 || end + FIELD > message.length) return undefined;
    const column = writeBytes(message.slice(end + 4, end + 6));
    const rest = writeBytes(message.slice(end + 10, end + FIELD));
    const name = writeDump(message.slice(at, end));
    rows.push(`${name} ${numberAt(message, end)} ${column} ${numberAt(message, end + 6)} ${rest}`);
    at = end + FIELD;
  }
  return rows;
}

const numberAt = (message: ByteString, at: number): string =>
  wordAt(message, at) >= FIRST_OF_USERS ? ANY_WORD : writeBytes(message.slice(at, at + 4));

/** A row of values, where one of them is a time. */
function valueRows(message: ByteString, openTimes: (text: string) => string): readonly string[] | undefined {
  const values: string[] = [];
  let isOpen = false;
  for (let at = HEAD; at < message.length; ) {
    const length = at + 4 <= message.length ? wordAt(message, at) : 0;
    const end = at + 4 + (length === NULL ? 0 : length);
    if (end > message.length || at + 4 > message.length) return undefined;
    const bytes = message.slice(at + 4, end);
    const text = decodeText(bytes);
    const opened = /["\\{]/.test(text) || encodeText(text) !== bytes ? text : openTimes(text);
    if (opened !== text) isOpen = true;
    values.push(opened === text ? writeDump(message.slice(at, end)) : `${ANY_WORD} "${opened}"`);
    at = end;
  }
  return isOpen ? [`44 ${ANY_WORD} ${writeBytes(message.slice(5, HEAD))}`, ...values] : undefined;
}

/** The length of a value that is none. */
const NULL = 0xffff_ffff;

export const wordAt = (bytes: ByteString, at: number): number =>
  Buffer.from(bytes.slice(at, at + 4), "latin1").readUInt32BE();
