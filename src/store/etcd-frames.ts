/** gRPC's frames: a byte (0: what follows is not compressed), the length of the message in four, and the message. */

/** The longest message, in bytes; etcd's own limit is 1.5 MB a request, unless it was told otherwise. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;
const PREFIX = 5;

export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX);
  return frame;
}

/** Cuts what arrives into messages. The function throws on what is no frame. */
export function createSplitter(): (chunk: Buffer) => readonly Buffer[] {
  let chunks: Buffer[] = [];
  let size = 0;
  /** Bytes that the message needs, with its prefix. */
  let needed = PREFIX;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return [];
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    const messages: Buffer[] = [];
    let at = 0;
    for (needed = PREFIX; bytes.length - at >= PREFIX; at += needed, needed = PREFIX) {
      if (bytes[at] !== 0) throw new Error(`a message begins with the byte ${bytes[at]}`);
      needed = PREFIX + bytes.readUInt32BE(at + 1);
      if (needed > LARGEST_MESSAGE) throw new Error(`a message of ${needed - PREFIX} bytes`);
      if (bytes.length - at < needed) break;
      messages.push(bytes.subarray(at + PREFIX, at + needed));
    }
    const rest = bytes.subarray(at);
    chunks = rest.length > 0 ? [rest] : [];
    size = rest.length;
    return messages;
  };
}
