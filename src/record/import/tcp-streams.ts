/** TCP segments as tshark lists them, put in order: what each side of each connection said, and who ended first. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import { authorityOf, type Conversation, type Recording, type Step } from "./conversation.ts";

/** The fields of a row, with tabs between them. Of a packet in a packet tshark gives the inner one. */
export const FIELDS = [
  "frame.time_epoch",
  "tcp.stream",
  "ip.src",
  "ipv6.src",
  "tcp.srcport",
  "ip.dst",
  "ipv6.dst",
  "tcp.dstport",
  "tcp.flags",
  "tcp.seq_raw",
  "tcp.len",
  "tcp.payload",
] as const;

/** More segments than this do not wait for one: it was lost. */
const MOST_EARLY = 10_000;
const FLAGS = { fin: 1, syn: 2, reset: 4, ack: 16 } as const;

interface Segment {
  readonly at: number;
  /** `host:port` of both ends. */
  readonly from: string;
  readonly to: string;
  readonly flags: number;
  readonly sequence: number;
  readonly length: number;
  readonly bytes: ByteString;
}

/** One direction of a connection. */
interface Flow {
  /** The sequence number that is due; undefined: nothing has come. */
  next: number | undefined;
  /** What came before its turn. */
  readonly early: Segment[];
  isEnded: boolean;
}

class Stream {
  readonly client: string;
  readonly server: string;
  readonly steps: Step[] = [];
  readonly #flows: Record<Party, Flow> = {
    client: { next: undefined, early: [], isEnded: false },
    server: { next: undefined, early: [], isEnded: false },
  };

  constructor(client: string, server: string) {
    this.client = client;
    this.server = server;
  }

  take(segment: Segment): void {
    const by = segment.from === this.client ? "client" : "server";
    const flow = this.#flows[by];
    if (segment.flags & FLAGS.syn) flow.next = after(segment.sequence, 1);
    if (segment.flags & FLAGS.reset) {
      this.#end(by, segment.at);
      this.#end(by === "client" ? "server" : "client", segment.at);
    }
    if (segment.length === 0 && !(segment.flags & FLAGS.fin)) return;
    flow.next ??= segment.sequence;
    if (flow.early.length >= MOST_EARLY) return;
    const isLate = flow.early.length > 0 && distance(flow.early.at(-1)!.sequence, segment.sequence) < 0;
    flow.early.push(segment);
    if (isLate) flow.early.sort((a, b) => distance(b.sequence, a.sequence));
    while (flow.early.length > 0 && distance(flow.next, flow.early[0]!.sequence) <= 0) {
      const one = flow.early[0]!;
      // Its end was not captured.
      if (one.bytes.length < one.length) return;
      flow.early.shift();
      this.#accept(by, flow, one, segment.at);
    }
  }

  #accept(by: Party, flow: Flow, { sequence, bytes, length, flags }: Segment, at: number): void {
    const end = after(sequence, length);
    // What was sent twice has been told.
    const fresh = bytes.slice(Math.min(distance(sequence, flow.next!), length));
    if (distance(flow.next!, end) > 0) flow.next = end;
    if (fresh !== "" && !flow.isEnded) this.steps.push({ by, bytes: fresh, at });
    if (flags & FLAGS.fin) this.#end(by, at);
  }

  #end(by: Party, at: number): void {
    if (!this.#flows[by].isEnded) this.steps.push({ by, bytes: undefined, at });
    this.#flows[by].isEnded = true;
  }

  /** When bytes came whose predecessors are not in the file; undefined: there is no gap. */
  get gap(): number | undefined {
    const waiting = Object.values(this.#flows).flatMap(({ early }) => early.map(({ at }) => at));
    return waiting.length === 0 ? undefined : waiting.reduce((a, b) => Math.min(a, b));
  }
}

/** Sequence numbers wrap around at 2^32 (RFC 9293, section 3.4). */
const after = (sequence: number, count: number): number => (sequence + count) >>> 0;
const distance = (from: number, to: number): number => (to - from) | 0;

export class TcpStreams {
  readonly #streams = new Map<string, Stream>();

  /** A row of {@link FIELDS}. Rows that hold no TCP segment are passed over. */
  add(row: string): void {
    const [time, id, ip4, ip6, port, to4, to6, toPort, flags, sequence, length, payload = ""] = row.split("\t");
    if (id === undefined || id === "" || !port || !toPort || !sequence) return;
    const segment: Segment = {
      at: Number(time) * 1000,
      from: authorityOf(ip4 || ip6 || "", port),
      to: authorityOf(to4 || to6 || "", toPort),
      flags: Number(flags),
      sequence: Number(sequence),
      length: Number(length),
      bytes: Buffer.from(payload.replaceAll(":", ""), "hex").toString("latin1"),
    };
    let stream = this.#streams.get(id);
    if (!stream) {
      stream = startsAtServer(segment, Number(port), Number(toPort))
        ? new Stream(segment.to, segment.from)
        : new Stream(segment.from, segment.to);
      this.#streams.set(id, stream);
    }
    stream.take(segment);
  }

  end(): Recording {
    let gaps = 0;
    const conversations = Array.from(this.#streams.values(), ({ server, steps, gap }): Conversation => {
      if (gap !== undefined) gaps++;
      return { target: `tcp://${server}`, steps: gap === undefined ? steps : steps.filter(({ at }) => at < gap) };
    });
    const told = conversations.filter(({ steps }) => steps.some(({ bytes }) => bytes !== undefined));
    return { conversations: told, warnings: gaps === 0 ? [] : [`of ${connections(gaps)} ${GAP}`] };
  }
}

const connections = (count: number): string => (count === 1 ? "a connection" : `${count} connections`);
const GAP =
  "bytes are missing, because packets were lost or cut when they were captured: the document tells what was before them";

/** Without a handshake, the lower port is taken for the server's. */
function startsAtServer({ flags }: Segment, port: number, toPort: number): boolean {
  if (flags & FLAGS.syn) return (flags & FLAGS.ack) !== 0;
  return port < toPort;
}
