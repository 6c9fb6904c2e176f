/** A capture as Wireshark saves it: pcap, raw IPv4 packets (RFC 791) with TCP segments (RFC 9293). */

export interface Packet {
  /** In milliseconds. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly flags: string;
  readonly sequence: number;
  readonly text?: string;
}

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };
const LINKTYPE_RAW = 101;
const ADDRESS = Buffer.from([127, 0, 0, 1]);

export function capture(packets: readonly Packet[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(LINKTYPE_RAW, 20);
  return Buffer.concat([head, ...packets.map(record)]);
}

function record({ at, from, to, flags, sequence, text = "" }: Packet): Buffer {
  const data = Buffer.from(text, "latin1");
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(40 + data.length, 2);
  ip[8] = 64;
  ip[9] = 6;
  ADDRESS.copy(ip, 12);
  ADDRESS.copy(ip, 16);
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from, 0);
  tcp.writeUInt16BE(to, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp[12] = 0x50;
  tcp[13] = [...flags].reduce((sum, flag) => sum | FLAGS[flag]!, 0);
  tcp.writeUInt16BE(1000, 14);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(at / 1000), 0);
  head.writeUInt32LE((at % 1000) * 1000, 4);
  head.writeUInt32LE(40 + data.length, 8);
  head.writeUInt32LE(40 + data.length, 12);
  return Buffer.concat([head, ip, tcp, data]);
}
