/** The fields of a HAR file. Their names are checked against the format's types; their values may be anything. */

import { type ByteString, encodeText } from "../../base/bytes.ts";
import { cleanValue, type Header, readHeader } from "./http-message.ts";

/** An object as it stands in a file that somebody else wrote. */
export type Told<T> = { readonly [K in keyof T]?: unknown };

export const objectOf = <T>(value: unknown): Told<T> => (typeof value === "object" && value !== null ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
export const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

interface NameAndValue {
  name: string;
  value: string;
}

/** Lists of names and values: headers, cookies, parameters. */
export const pairsOf = (value: unknown): readonly NameAndValue[] =>
  listOf(value).map((one) => {
    const pair = objectOf<NameAndValue>(one);
    return { name: textOf(pair.name), value: textOf(pair.value) };
  });

/** Headers, and cookies where no header has them. Some programs put several values of one name in one, with line feeds. */
export function headersOf(headers: unknown, cookieHeader: string, cookies: unknown): readonly Header[] {
  const told = pairsOf(headers).flatMap(({ name, value }) =>
    value
      .split("\n")
      .flatMap((one): Header | readonly Header[] => readHeader(`${encodeText(name)}:${encodeText(one)}`) ?? []),
  );
  if (told.some(({ name }) => name.toLowerCase() === cookieHeader.toLowerCase())) return told;
  const pairs = pairsOf(cookies).map(({ name, value }) => cleanValue(encodeText(`${name}=${value}`)));
  const values = cookieHeader === "Cookie" && pairs.length > 0 ? [pairs.join("; ")] : pairs;
  return [...told, ...values.map((value) => ({ name: cookieHeader, value }))];
}

/**
 * The bytes of a text. Its length in bytes tells the encoding where it is known; others than UTF-8 and ISO 8859-1 cannot
 * be written. Undefined: the text is not the whole body, or not in one of them.
 */
export function bytesOf(
  text: string,
  encoding: unknown,
  size: number | undefined,
  type: string,
): ByteString | undefined {
  if (encoding === "base64") return Buffer.from(text, "base64").toString("latin1");
  const bytes = encodeText(text);
  if (size === bytes.length || bytes.length === text.length) return isCut(bytes, size) ? undefined : bytes;
  const charset = /charset="?([^\s;"]+)/i.exec(type)?.[1] ?? "utf-8";
  const isNarrow = /^[\0-\xff]*$/.test(text);
  if (isNarrow && (size === text.length || /^(?:iso-8859-1|latin1|windows-1252)$/i.test(charset))) return text;
  return isCut(bytes, size) || !/^(?:utf-?8|us-ascii)$/i.test(charset) ? undefined : bytes;
}

/** A size that was counted before decoding is smaller than the text. */
const isCut = (bytes: ByteString, size: number | undefined): boolean => size !== undefined && size > bytes.length;
