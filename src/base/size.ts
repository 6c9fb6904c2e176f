const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** Bytes of `16MB`, `64KiB` or `4096`; undefined for any other text and for sizes below 1. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMG]i?B|B)?$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? "").toUpperCase()];
  const bytes = match && unit ? Math.floor(Number(match[1]) * unit) : 0;
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size as a person would write it: `16 MB`, `1.5 kB`, `12 bytes`. */
export function formatSize(bytes: number): string {
  if (bytes >= 1e6) return `${Number((bytes / 1e6).toFixed(1))} MB`;
  if (bytes >= 1e4) return `${Number((bytes / 1e3).toFixed(1))} kB`;
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}
