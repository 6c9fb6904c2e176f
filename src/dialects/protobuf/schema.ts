/** What a schema says of messages, as far as writing and reading them needs it. It comes from a .proto file or is built in. */

/** The scalar types of a .proto file. */
export type Scalar =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

export interface EnumType {
  readonly name: string;
  readonly values: ReadonlyMap<string, number>;
  /** Of several names of a number the first one. */
  readonly names: ReadonlyMap<number, string>;
}

export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "enum"; readonly enum: EnumType }
  /** On the wire a `group` is between two marks, any other message after its length. */
  | { readonly kind: "message"; readonly message: MessageType; readonly isGroup: boolean };

export interface Field {
  /** As the text format has it: an extension in brackets, a group by the name of its type. */
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly isRepeated: boolean;
  readonly isRequired: boolean;
  /** Of repeated numbers: whether they are sent as one field. */
  readonly isPacked: boolean;
  /** Whether it is left out on the wire where it has its default value (proto3). */
  readonly isImplicit: boolean;
  /** The oneof that it is a member of. */
  readonly oneof: string | undefined;
}

export interface MessageType {
  readonly name: string;
  readonly fields: ReadonlyMap<number, Field>;
  readonly byName: ReadonlyMap<string, Field>;
  /** Of `google.protobuf.Any`: finds what it may hold. */
  readonly packs?: (name: string) => MessageType | undefined;
}

export const FRAMINGS = ["varint", "uint32be", "uint32le"] as const;
/** How the length of a message is written in front of it. */
export type Framing = (typeof FRAMINGS)[number];

/** All that a codec has to know of a protocol. */
export interface Protocol {
  readonly request: MessageType;
  readonly response: MessageType;
  readonly framing: Framing;
  /** The fields of requests and responses that tell which response answers which request. */
  readonly tag?: { readonly request: Field; readonly response: Field };
  /** The field of requests whose value may be written in front of them. */
  readonly verb?: { readonly field: Field; readonly values: EnumType };
}

const PLAIN = { isRepeated: false, isRequired: false, isPacked: false, isImplicit: false, oneof: undefined } as const;

export const messageType = (name: string, fields: readonly Field[]): MessageType => ({
  name,
  fields: new Map(fields.map((field) => [field.number, field])),
  byName: new Map(fields.map((field) => [field.name, field])),
});

export const enumType = (name: string, values: Readonly<Record<string, number>>): EnumType => ({
  name,
  values: new Map(Object.entries(values)),
  names: new Map(
    Object.entries(values)
      .reverse()
      .map(([value, number]) => [number, value]),
  ),
});

/** An optional field of a scalar or an enum. */
export const field = (name: string, number: number, type: Scalar | EnumType): Field => ({
  ...PLAIN,
  name,
  number,
  type: typeof type === "string" ? { kind: "scalar", scalar: type } : { kind: "enum", enum: type },
});

const INTEGERS: ReadonlySet<Scalar> = new Set<Scalar>([
  ...(["int32", "int64", "uint32", "uint64", "sint32", "sint64"] as const),
  ...(["fixed32", "fixed64", "sfixed32", "sfixed64"] as const),
]);

/** Whether the field is one integer, as a tag has to be. */
export const isInteger = ({ type, isRepeated }: Field): boolean =>
  !isRepeated && type.kind === "scalar" && INTEGERS.has(type.scalar);
