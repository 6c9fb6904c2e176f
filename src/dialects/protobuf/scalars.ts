/** The scalar types: their wire types, what a number on the wire stands for, and what stands for a number there. */
import type { ByteString } from "../../base/bytes.ts";
import type { Scalar } from "./schema.ts";
import { FIXED32, FIXED64, fixed, LENGTH, VARINT, varint } from "./wire.ts";

export function wireTypeOf(scalar: Scalar): number {
  switch (scalar) {
    case "string":
    case "bytes":
      return LENGTH;
    case "double":
    case "fixed64":
    case "sfixed64":
      return FIXED64;
    case "float":
    case "fixed32":
    case "sfixed32":
      return FIXED32;
    default:
      return VARINT;
  }
}

const unzigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/** The integer that stands on the wire as this unsigned number; a varint that is too long for its type is cut. */
export function integerOf(scalar: Scalar, value: bigint): bigint {
  switch (scalar) {
    case "int32":
    case "sfixed32":
      return BigInt.asIntN(32, value);
    case "int64":
    case "sfixed64":
      return BigInt.asIntN(64, value);
    case "uint32":
      return BigInt.asUintN(32, value);
    case "sint32":
      return unzigzag(BigInt.asUintN(32, value));
    case "sint64":
      return unzigzag(value);
    default:
      return value;
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** A number of the wire as the text format writes it. */
export function printNumber(scalar: Scalar, value: bigint): string {
  if (scalar === "bool") return value === 0n ? "false" : "true";
  if (scalar === "float") {
    scratch.setUint32(0, Number(value));
    return printFloat(shortest(scratch.getFloat32(0)));
  }
  if (scalar === "double") {
    scratch.setBigUint64(0, value);
    return printFloat(scratch.getFloat64(0));
  }
  return `${integerOf(scalar, value)}`;
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Object.is(value, -0) ? "-0" : `${value}`;
}

/** Of the numbers that a float is read from, the one with the fewest digits. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(short), value)) return short;
  }
  return value === 0 ? value : Number(value.toPrecision(9));
}

/** The smallest and the largest value of an integer type. */
export function rangeOf(scalar: Scalar): readonly [bigint, bigint] {
  const bits = scalar.endsWith("32") ? 32n : 64n;
  return /^(?:u|fixed)/.test(scalar) ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** An integer or a `bool` (0 or 1) within its range as it stands on the wire. */
export function encodeInteger(scalar: Scalar, value: bigint): ByteString {
  const wire = wireTypeOf(scalar);
  if (wire !== VARINT) return fixed(value, wire === FIXED64 ? 8 : 4);
  return varint(scalar.startsWith("sint") ? (value << 1n) ^ (value >> 63n) : value);
}

export function encodeFloat(scalar: Scalar, value: number): ByteString {
  if (scalar === "float") {
    scratch.setFloat32(0, value);
    return fixed(BigInt(scratch.getUint32(0)), 4);
  }
  scratch.setFloat64(0, value);
  return fixed(scratch.getBigUint64(0), 8);
}
