/**
 * Times of a server's clock. What a reply says of the present will be something else next time, so it is left open. Other
 * times are data, and stay.
 */

/** So far from the present, in milliseconds, a time belongs to it. */
const NEAR = 60 * 60 * 1000;
/** The same where the zone is not known. */
const IN_ANY_ZONE = 15 * NEAR;

const DATE = String.raw`\d{4}-\d\d-\d\d`;
const TIME = String.raw`\d\d:\d\d:\d\d`;
/** ISO 8601, dates of HTTP (RFC 9110, section 5.6.7), and seconds, milliseconds and nanoseconds since 1970. */
const MOMENT = new RegExp(
  [
    String.raw`\b${DATE}[T ]${TIME}(?:[.,]\d{1,9})?(?:Z|[+-]\d\d(?::?\d\d)?\b)?`,
    String.raw`\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} ${TIME} GMT\b`,
    String.raw`\b1\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?\b`,
  ].join("|"),
  "g",
);

/** A line of a reply with a placeholder for each time that is near the present. @param present in milliseconds since 1970. */
export function openMoments(text: string, present: number): string {
  return text.replace(MOMENT, (moment: string, at: number) => {
    if (/[\w.]/.test(text[at - 1] ?? " ") || !isNear(moment, present)) return moment;
    return /^\d+$/.test(moment) ? "{{_:int}}" : "{{_}}";
  });
}

function isNear(moment: string, present: number): boolean {
  if (!moment.includes(":")) return Math.abs(Number(moment.slice(0, 10)) * 1000 - present) < NEAR;
  const iso = moment.endsWith("GMT") ? moment : moment.replace(" ", "T").replace(",", ".");
  const [zone] = /(?:Z|GMT|[+-]\d\d(?::?\d\d)?)$/.exec(iso) ?? [];
  const known = zone === undefined ? `${iso}Z` : zone.length === 3 && zone !== "GMT" ? `${iso}:00` : iso;
  return Math.abs(Date.parse(known) - present) < (zone === undefined ? IN_ANY_ZONE : NEAR);
}
