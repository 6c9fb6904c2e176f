import type { ByteString } from "../../base/bytes.ts";

/** A value of RESP without parts. Numbers are kept as their text: no digit is lost. */
export interface Scalar {
  readonly kind: "simple" | "error" | "integer" | "double" | "big number" | "boolean" | "null" | "string" | "verbatim";
  readonly text: ByteString;
  readonly attributes: readonly RespValue[] | undefined;
}

/** Values within another; those of a map (and of attributes) are key, value, key, value. */
export interface Aggregate {
  readonly kind: "array" | "map" | "set" | "push";
  readonly elements: readonly RespValue[];
  /** What the server says about the value, key and value by turns. */
  readonly attributes: readonly RespValue[] | undefined;
}

export type RespValue = Scalar | Aggregate;

export const isAggregate = (value: RespValue): value is Aggregate => "elements" in value;
