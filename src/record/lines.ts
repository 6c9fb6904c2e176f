/** The lines of a recorded example, and how they stand in its block: with a marker where one is needed. */

/** A connection of an example. Its name depends on how many there are. */
export interface Member {
  /** The name that the user gave it; undefined: it gets one where there is more than one connection. */
  readonly given: string | undefined;
}

export interface RecordedLine {
  readonly kind: "client" | "reply" | "control";
  readonly on: Member;
  /** Without a marker. Captures replace parts of it. */
  text: string;
  /** Of a reply line: whether it would read as something else without a marker. */
  readonly marked: boolean;
}

/** The names of the connections of one example, in the order they spoke. The only one has none. */
export class Names {
  readonly #names = new Map<Member, string>();

  of(member: Member): string {
    return this.#names.get(member)!;
  }

  /** @returns whether another connection has a new name now. */
  join(member: Member): boolean {
    if (this.#names.has(member)) return false;
    const [first] = this.#names.keys();
    const isSecond = this.#names.size === 1 && first!.given === undefined;
    if (isSecond) this.#names.set(first!, "client1");
    this.#names.set(member, member.given ?? (first ? `client${this.#names.size + 1}` : ""));
    return isSecond;
  }
}

/** Writes the lines of one block, one after the other. */
export class BlockWriter {
  readonly #names: Names;
  /** The line above, and the connection of the nearest marked line. */
  #above: RecordedLine | undefined;
  #on = "";

  constructor(names: Names) {
    this.#names = names;
  }

  /** @param next the line that follows, where it is known already. */
  write(line: RecordedLine, next: RecordedLine | undefined): string {
    const name = this.#names.of(line.on);
    const text =
      line.kind === "reply" ? this.#reply(line, name, next) : `${name}${MARKERS[line.kind]}${after(line.text)}`;
    if (line.kind !== "reply" || text.startsWith(`${name}<<< `)) this.#on = name;
    this.#above = line;
    return `${text}\n`;
  }

  #reply(line: RecordedLine, name: string, next: RecordedLine | undefined): string {
    const isHere = name === this.#on;
    if (line.text !== "") return line.marked || !isHere ? `${name}<<< ${line.text}` : line.text;
    const goesOn = next?.kind === "reply" && next.on === line.on;
    if (isHere && goesOn && this.#above !== undefined && this.#above.kind !== "control") return "";
    return isHere ? "<<<" : `${name}<<<  (esc)`;
  }
}

const MARKERS = { client: ">>>", control: "===" } as const;
const after = (text: string): string => (text === "" ? "" : ` ${text}`);
