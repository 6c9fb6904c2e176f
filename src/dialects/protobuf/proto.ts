/**
 * A .proto file and what it imports, through protobufjs: its parser and its rules for names and features; of those only
 * what a codec needs is kept.
 */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Enum, INamespace, Field as ReflectedField, Root, Type } from "protobufjs";
import { NamedFileError, readNamedFile } from "../../base/named-file.ts";
import { loadGoogleProto } from "../../base/packages.ts";
import { type EnumType, enumType, type Field, type FieldType, type MessageType, type Scalar } from "./schema.ts";

/** A mistake in a .proto file, or in the names of files. */
export class ProtoError extends Error {
  override readonly name = "ProtoError";
}

/** The message types of a schema, by their full names. */
export type MessageTypes = ReadonlyMap<string, MessageType>;

type Library = typeof import("protobufjs");

/** @throws {ProtoError} */
export async function loadProto(path: string, within: string | undefined): Promise<MessageTypes> {
  const library = (await import("protobufjs")).default as unknown as Library;
  const root = new library.Root();
  const sources = new Sources(library, root, dirname(path), within);
  sources.read(path, path);
  try {
    root.resolveAll();
  } catch (error) {
    throw new ProtoError(sources.place(error as Error));
  }
  return new Converter(library).types(root);
}

/** A schema as protobufjs keeps it in JSON. */
interface Definition {
  readonly nested?: Readonly<Record<string, Definition>>;
}

/** Of those that stand beside it, what they import. */
const SHIPPED: Readonly<Record<string, readonly string[]>> = {
  api: ["any", "source_context", "type"],
  descriptor: [],
  source_context: [],
  type: ["any", "source_context"],
};

class Sources {
  readonly #library: Library;
  readonly #root: Root;
  readonly #folder: string;
  /** What all files have to be in; undefined: they may be anywhere. */
  readonly #within: string | undefined;
  readonly #texts = new Map<string, string>();

  constructor(library: Library, root: Root, folder: string, within: string | undefined) {
    this.#library = library;
    this.#root = root;
    this.#folder = folder;
    this.#within = within;
  }

  /** Reads a file and what it imports; `shown` is the name to use for it. */
  read(path: string, shown: string): void {
    if (this.#texts.has(path)) return;
    let text: string;
    try {
      text = readNamedFile(path, this.#within);
    } catch (error) {
      if (!(error instanceof NamedFileError)) throw error;
      throw new ProtoError(`${shown} cannot be read: ${error.message}`);
    }
    this.#texts.set(path, text);
    for (const imported of this.#parse(text, path)) this.#import(imported, path);
  }

  #parse(text: string, path: string): readonly string[] {
    try {
      const { imports = [], weakImports = [] } = this.#library.parse(text, this.#root, { keepCase: true });
      return [...imports, ...weakImports];
    } catch (error) {
      const { message } = error as Error;
      const [, what = message, line = `${this.#lineOf(text, message)}`] =
        /^(.*) \((?:.*, )?line (\d+)\)$/s.exec(message) ?? [];
      throw new ProtoError(`${path}:${line}: ${what === "illegal token 'null'" ? "the file ends too early" : what}`);
    }
  }

  /** The last line that the parser needs to see for its complaint: it does not always tell. */
  #lineOf(text: string, complaint: string): number {
    const lines = text.split("\n");
    let [low, high] = [1, lines.length];
    while (low < high) {
      const count = (low + high) >> 1;
      if (this.#complains(lines.slice(0, count).join("\n"), complaint)) high = count;
      else low = count + 1;
    }
    return high;
  }

  #complains(text: string, complaint: string): boolean {
    try {
      this.#library.parse(text, new this.#library.Root(), { keepCase: true });
      return false;
    } catch (error) {
      return (error as Error).message === complaint;
    }
  }

  /** From the folder of the file that imports it, or from that of the schema, or from Google's definitions. */
  #import(name: string, importer: string): void {
    for (const folder of [dirname(importer), this.#folder]) {
      const path = join(folder, name);
      if (this.#texts.has(path)) return;
      if (existsSync(path)) return this.read(path, name);
    }
    if (this.#texts.has(name)) return;
    if (this.#importGoogles(name)) return;
    const line = this.#lineWith(importer, name);
    throw new ProtoError(
      `${importer}:${line}: "${name}" cannot be imported: there is no such file in ${dirname(importer)}`,
    );
  }

  /** What protobufjs has of Google's definitions: some in its code, others beside it, with what those import. */
  #importGoogles(name: string): boolean {
    const base = /^google\/protobuf\/(\w+)\.proto$/.exec(name)?.[1];
    if (base === undefined) return false;
    const imports = Object.hasOwn(SHIPPED, base) ? SHIPPED[base] : undefined;
    const definition = imports ? loadGoogleProto(base) : this.#library.common.get(name);
    const types = (definition as Definition | undefined)?.nested?.google?.nested?.protobuf?.nested;
    if (!types) return false;
    this.#texts.set(name, "");
    const known = this.#root.define("google.protobuf");
    for (const [type, one] of Object.entries(types)) if (!known.get(type)) known.addJSON({ [type]: one as INamespace });
    for (const other of imports ?? []) this.#import(`google/protobuf/${other}.proto`, name);
    return true;
  }

  #lineWith(path: string, word: string): number {
    const lines = this.#texts.get(path)?.split("\n") ?? [];
    return (
      Math.max(
        0,
        lines.findIndex((line) => line.includes(word)),
      ) + 1
    );
  }

  /** What could not be resolved, with the place of the name that it is about. */
  place({ message }: Error): string {
    const name = /'(?:extend )?([\w.]+)'/.exec(message)?.[1];
    for (const [path, text] of this.#texts) {
      const at = name === undefined ? -1 : text.split("\n").findIndex((line) => containsWord(line, name));
      if (at >= 0) return `${path}:${at + 1}: ${message}`;
    }
    return `${this.#texts.keys().next().value}: ${message}`;
  }
}

function containsWord(line: string, word: string): boolean {
  const code = line.replace(/\/\/.*/, "");
  const at = code.indexOf(word);
  return at >= 0 && !/[\w.]/.test(code[at - 1] ?? "") && !/[\w.]/.test(code[at + word.length] ?? "");
}

/** From what protobufjs knows of types to what a codec needs; a type is converted once, as it may hold itself. */
class Converter {
  readonly #library: Library;
  readonly #messages = new Map<Type, MessageType>();
  readonly #enums = new Map<Enum, EnumType>();
  readonly #byName = new Map<string, MessageType>();

  constructor(library: Library) {
    this.#library = library;
  }

  types(root: Root): MessageTypes {
    this.#collect(root);
    return this.#byName;
  }

  #collect(namespace: { readonly nestedArray: readonly unknown[] }): void {
    for (const one of namespace.nestedArray) {
      if (one instanceof this.#library.Type) this.#byName.set(nameOf(one), this.#message(one));
      if (one instanceof this.#library.Namespace) this.#collect(one);
    }
  }

  #message(type: Type): MessageType {
    const known = this.#messages.get(type);
    if (known) return known;
    const fields = new Map<number, Field>();
    const byName = new Map<string, Field>();
    const name = nameOf(type);
    const isAny = name === "google.protobuf.Any";
    const message = { name, fields, byName, ...(isAny && { packs: (held: string) => this.#byName.get(held) }) };
    this.#messages.set(type, message);
    for (const reflected of type.fieldsArray) {
      const field = this.#field(reflected.resolve());
      fields.set(field.number, field);
      byName.set(field.name, field);
      // A group may be written by the name of its field, which is its type's in lower case.
      if (field.type.kind === "message" && field.type.isGroup) byName.set(reflected.name, field);
    }
    return message;
  }

  #field(reflected: ReflectedField): Field {
    // What protobufjs ships of Google's definitions has names in camel case beside those of the .proto file.
    const { protoName, id, repeated, required, packed, partOf, resolvedType, declaringField } = reflected;
    const isGroup = reflected.delimited && resolvedType instanceof this.#library.Type;
    const ofType = isGroup && resolvedType.name.toLowerCase() === protoName ? resolvedType.name : protoName;
    const type = reflected.map ? this.#entry(reflected) : this.#type(reflected.type, resolvedType, isGroup);
    const isNumber =
      type.kind === "enum" || (type.kind === "scalar" && type.scalar !== "string" && type.scalar !== "bytes");
    return {
      name: declaringField ? `[${declaringField.fullName.slice(1)}]` : ofType,
      number: id,
      type,
      isRepeated: repeated || reflected.map,
      isRequired: required,
      isPacked: repeated && packed && isNumber,
      isImplicit: !reflected.hasPresence && !repeated && !reflected.map && type.kind !== "message",
      oneof: partOf?.name,
    };
  }

  #type(name: string, resolved: Type | Enum | null, isGroup: boolean): FieldType {
    if (resolved instanceof this.#library.Type) return { kind: "message", message: this.#message(resolved), isGroup };
    if (resolved instanceof this.#library.Enum) return { kind: "enum", enum: this.#enum(resolved) };
    return { kind: "scalar", scalar: name as Scalar };
  }

  #enum(reflected: Enum): EnumType {
    const known = this.#enums.get(reflected) ?? enumType(reflected.name, reflected.values);
    this.#enums.set(reflected, known);
    return known;
  }

  /** On the wire a map is repeated messages of a key and a value. */
  #entry(reflected: ReflectedField): FieldType {
    const { keyType } = reflected as ReflectedField & { readonly keyType: Scalar };
    const plain = { isRepeated: false, isRequired: false, isPacked: false, isImplicit: false, oneof: undefined };
    const key: Field = { ...plain, name: "key", number: 1, type: { kind: "scalar", scalar: keyType } };
    const value: Field = {
      ...plain,
      name: "value",
      number: 2,
      type: this.#type(reflected.type, reflected.resolvedType, false),
    };
    const fields = [key, value];
    const message: MessageType = {
      name: `${reflected.name} entry`,
      fields: new Map(fields.map((field) => [field.number, field])),
      byName: new Map(fields.map((field) => [field.name, field])),
    };
    return { kind: "message", message, isGroup: false };
  }
}

const nameOf = (type: Type): string => type.fullName.slice(1);
