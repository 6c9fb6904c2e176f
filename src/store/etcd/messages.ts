/**
 * etcd's messages (etcd-io/etcd, api/etcdserverpb/rpc.proto): of each, the fields that the store reads or writes. Keys are
 * strings with one character for each byte, as foreign ones may hold any. Decoding throws a RangeError or an Error on
 * bytes that are no message.
 */
import protobuf from "protobufjs/minimal.js";

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

/** What a transaction asks of one key, or of all from `key` up to `end`. */
export type Compare =
  | { readonly kind: "missing"; readonly key: string; readonly end?: string }
  | { readonly kind: "changed-before"; readonly key: string; readonly revision: number };

export interface Range {
  readonly key: string;
  readonly end?: string;
  /** The revision to read at; the present where there is none. */
  readonly revision?: number | undefined;
  readonly limit?: number;
  readonly keysOnly?: boolean;
}

export type Operation =
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: string }
  | ({ readonly kind: "range" } & Range)
  | ({ readonly kind: "txn" } & Transaction);

export interface Transaction {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

export interface KeyValue {
  readonly key: string;
  /** The revision of its last change. */
  readonly revision: number;
  readonly value: Uint8Array;
}

export interface RangeResult {
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
}

export interface TransactionResult {
  readonly revision: number;
  readonly succeeded: boolean;
  /** One for each operation carried out; `other` are those whose results say nothing. */
  readonly responses: readonly Response[];
}

export type Response =
  | ({ readonly kind: "range" } & RangeResult)
  | ({ readonly kind: "txn" } & TransactionResult)
  | { readonly kind: "other" };

export interface WatchEvent extends KeyValue {
  readonly deleted: boolean;
}

export interface WatchResult {
  readonly revision: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Where it was canceled because of a compaction: of which revision; else 0. */
  readonly compacted: number;
  readonly reason: string;
  /** More events of the same revision may follow in the next message. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}

const VARINT = 0;
const BYTES = 2;
const varint = (field: number): number => (field << 3) | VARINT;
const bytes = (field: number): number => (field << 3) | BYTES;

const EQUAL = 0;
const LESS = 2;
const VERSION = 0;
const MOD = 2;

export const encodeRange = (range: Range): Uint8Array => writeRange(protobuf.Writer.create(), range).finish();

export const encodeTransaction = (transaction: Transaction): Uint8Array =>
  writeTransaction(protobuf.Writer.create(), transaction).finish();

export const encodeCompaction = (revision: number): Uint8Array =>
  protobuf.Writer.create().uint32(varint(1)).int64(revision).finish();

export const encodeAuthentication = (name: string, password: string): Uint8Array =>
  protobuf.Writer.create().uint32(bytes(1)).string(name).uint32(bytes(2)).string(password).finish();

/** A watch on every key from a revision on, or from now on where it is 0. Large messages are to come in fragments. */
export function encodeWatch(from: number): Uint8Array {
  const writer = protobuf.Writer.create().uint32(bytes(1)).fork();
  // From the key "\0" with the end "\0": all that there are.
  writer.uint32(bytes(1)).bytes(ZERO).uint32(bytes(2)).bytes(ZERO);
  writer.uint32(varint(3)).int64(from).uint32(varint(8)).bool(true);
  return writer.ldelim().finish();
}

const ZERO = new Uint8Array(1);

function writeKey(writer: Writer, field: number, key: string): Writer {
  return writer.uint32(bytes(field)).bytes(Buffer.from(key, "latin1"));
}

function writeRange(writer: Writer, { key, end, revision, limit, keysOnly }: Range): Writer {
  writeKey(writer, 1, key);
  if (end !== undefined) writeKey(writer, 2, end);
  if (limit !== undefined) writer.uint32(varint(3)).int64(limit);
  if (revision !== undefined) writer.uint32(varint(4)).int64(revision);
  if (keysOnly) writer.uint32(varint(8)).bool(true);
  return writer;
}

function writeTransaction(writer: Writer, { compare, success, failure }: Transaction): Writer {
  for (const one of compare) writeCompare(writer.uint32(bytes(1)).fork(), one).ldelim();
  for (const one of success) writeOperation(writer.uint32(bytes(2)).fork(), one).ldelim();
  for (const one of failure) writeOperation(writer.uint32(bytes(3)).fork(), one).ldelim();
  return writer;
}

function writeCompare(writer: Writer, compare: Compare): Writer {
  switch (compare.kind) {
    case "missing":
      writer.uint32(varint(1)).int32(EQUAL).uint32(varint(2)).int32(VERSION);
      writeKey(writer, 3, compare.key).uint32(varint(4)).int64(0);
      return compare.end === undefined ? writer : writeKey(writer, 64, compare.end);
    case "changed-before":
      writer.uint32(varint(1)).int32(LESS).uint32(varint(2)).int32(MOD);
      return writeKey(writer, 3, compare.key).uint32(varint(6)).int64(compare.revision);
    default:
      return compare satisfies never;
  }
}

function writeOperation(writer: Writer, operation: Operation): Writer {
  switch (operation.kind) {
    case "range":
      return writeRange(writer.uint32(bytes(1)).fork(), operation).ldelim();
    case "put":
      writeKey(writer.uint32(bytes(2)).fork(), 1, operation.key);
      return writer.uint32(bytes(2)).bytes(operation.value).ldelim();
    case "delete":
      return writeKey(writer.uint32(bytes(3)).fork(), 1, operation.key).ldelim();
    case "txn":
      return writeTransaction(writer.uint32(bytes(4)).fork(), operation).ldelim();
    default:
      return operation satisfies never;
  }
}

export const decodeRange = (message: Uint8Array): RangeResult => readRange(protobuf.Reader.create(message));

export const decodeTransaction = (message: Uint8Array): TransactionResult =>
  readTransaction(protobuf.Reader.create(message));

/** The token that an authentication gave. */
export function decodeToken(message: Uint8Array): string {
  let token = "";
  readFields(protobuf.Reader.create(message), (field, reader) => {
    if (field !== bytes(2)) return false;
    token = reader.string();
    return true;
  });
  return token;
}

export function decodeWatch(message: Uint8Array): WatchResult {
  let [revision, created, canceled, compacted, reason, fragment] = [0, false, false, 0, "", false];
  const events: WatchEvent[] = [];
  readFields(protobuf.Reader.create(message), (field, reader) => {
    if (field === bytes(1)) revision = readNested(reader, readHeader);
    else if (field === varint(3)) created = reader.bool();
    else if (field === varint(4)) canceled = reader.bool();
    else if (field === varint(5)) compacted = readNumber(reader);
    else if (field === bytes(6)) reason = reader.string();
    else if (field === varint(7)) fragment = reader.bool();
    else if (field === bytes(11)) events.push(readNested(reader, readEvent));
    else return false;
    return true;
  });
  return { revision, created, canceled, compacted, reason, fragment, events };
}

/** Reads fields up to the end; those that `take` does not want are passed over. */
function readFields(reader: Reader, take: (key: number, reader: Reader) => boolean): void {
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if (!take(key, reader)) reader.skipType(key & 7);
  }
}

function readNested<T>(reader: Reader, read: (reader: Reader) => T): T {
  return read(protobuf.Reader.create(reader.bytes()));
}

/** What protobufjs reads 64 bits into; its own declaration loses the methods. */
interface Long {
  toNumber(): number;
}

function readNumber(reader: Reader): number {
  const number: unknown = reader.int64();
  return typeof number === "number" ? number : (number as Long).toNumber();
}

/** The revision of a header. */
function readHeader(header: Reader): number {
  let revision = 0;
  readFields(header, (field, reader) => {
    if (field !== varint(3)) return false;
    revision = readNumber(reader);
    return true;
  });
  return revision;
}

function readKeyValue(kv: Reader): KeyValue {
  let [key, revision, value] = ["", 0, NOTHING];
  readFields(kv, (field, reader) => {
    if (field === bytes(1)) key = Buffer.from(reader.bytes()).toString("latin1");
    else if (field === varint(3)) revision = readNumber(reader);
    // A copy, so that a small value does not keep the whole of what was received.
    else if (field === bytes(5)) value = Uint8Array.prototype.slice.call(reader.bytes());
    else return false;
    return true;
  });
  return { key, revision, value };
}

const NOTHING = new Uint8Array(0);

function readRange(range: Reader): RangeResult {
  let [revision, more] = [0, false];
  const kvs: KeyValue[] = [];
  readFields(range, (field, reader) => {
    if (field === bytes(1)) revision = readNested(reader, readHeader);
    else if (field === bytes(2)) kvs.push(readNested(reader, readKeyValue));
    else if (field === varint(3)) more = reader.bool();
    else return false;
    return true;
  });
  return { revision, kvs, more };
}

function readTransaction(transaction: Reader): TransactionResult {
  let [revision, succeeded] = [0, false];
  const responses: Response[] = [];
  readFields(transaction, (field, reader) => {
    if (field === bytes(1)) revision = readNested(reader, readHeader);
    else if (field === varint(2)) succeeded = reader.bool();
    else if (field === bytes(3)) responses.push(readNested(reader, readResponse));
    else return false;
    return true;
  });
  return { revision, succeeded, responses };
}

function readResponse(response: Reader): Response {
  let result: Response = { kind: "other" };
  readFields(response, (field, reader) => {
    if (field === bytes(1)) result = { kind: "range", ...readNested(reader, readRange) };
    else if (field === bytes(4)) result = { kind: "txn", ...readNested(reader, readTransaction) };
    else return false;
    return true;
  });
  return result;
}

function readEvent(event: Reader): WatchEvent {
  let deleted = false;
  let kv: KeyValue = { key: "", revision: 0, value: NOTHING };
  readFields(event, (field, reader) => {
    if (field === varint(1)) deleted = reader.int32() === 1;
    else if (field === bytes(2)) kv = readNested(reader, readKeyValue);
    else return false;
    return true;
  });
  return { ...kv, deleted };
}
