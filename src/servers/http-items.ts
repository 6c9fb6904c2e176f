/**
 * A small REST resource: JSON objects under /items, each with an ETag that changes with every change of it, so that
 * `If-Match` is a compare-and-set (RFC 9110, section 13.1.1).
 */
import type { IncomingHttpHeaders } from "node:http";
import { type Answer, json, text } from "./http-message.ts";

const MOST_ITEMS = 1000;

interface Item {
  readonly etag: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export class Items {
  readonly #items = new Map<string, Item>();
  #lastId = 0;
  #revision = 0;

  all(): Answer {
    return json(
      200,
      Array.from(this.#items.values(), (item) => item.value),
    );
  }

  create(body: string): Answer {
    const fields = objectOf(body);
    if (fields === undefined) return NO_OBJECT;
    if (this.#items.size >= MOST_ITEMS) return FULL;
    let id: string;
    do id = String(++this.#lastId);
    while (this.#items.has(id));
    return this.#store(id, fields, 201);
  }

  read(id: string, headers: IncomingHttpHeaders): Answer {
    const item = this.#items.get(id);
    if (item === undefined) return NOT_FOUND;
    // If-None-Match compares weakly (RFC 9110, section 13.1.2).
    if (lists(headers["if-none-match"]?.replaceAll("W/", ""), item))
      return { status: 304, headers: { ETag: item.etag } };
    return json(200, item.value, { ETag: item.etag });
  }

  write(id: string, headers: IncomingHttpHeaders, body: string): Answer {
    const item = this.#items.get(id);
    const refusal = refuse(item, headers);
    if (refusal !== undefined) return refusal;
    const fields = objectOf(body);
    if (fields === undefined) return NO_OBJECT;
    if (item === undefined && this.#items.size >= MOST_ITEMS) return FULL;
    return this.#store(id, fields, item === undefined ? 201 : 200);
  }

  delete(id: string, headers: IncomingHttpHeaders): Answer {
    const item = this.#items.get(id);
    const refusal = refuse(item, headers);
    if (refusal !== undefined) return refusal;
    return this.#items.delete(id) ? { status: 204 } : NOT_FOUND;
  }

  #store(id: string, fields: Readonly<Record<string, unknown>>, status: 200 | 201): Answer {
    const item: Item = { etag: `"${++this.#revision}"`, value: Object.assign({ id }, fields, { id }) };
    this.#items.set(id, item);
    const location = status === 201 ? { Location: `/items/${id}` } : {};
    return json(status, item.value, { ...location, ETag: item.etag });
  }
}

const NOT_FOUND = text(404, "not found\n");
const NO_OBJECT = text(400, "the body has to be a JSON object\n");
const FULL = text(507, `there is room for ${MOST_ITEMS} items\n`);

/** The refusal of a change whose condition does not hold. */
function refuse(item: Item | undefined, headers: IncomingHttpHeaders): Answer | undefined {
  const expected = headers["if-match"];
  const holds =
    (expected === undefined || lists(expected, item)) && !lists(headers["if-none-match"]?.replaceAll("W/", ""), item);
  if (holds) return undefined;
  return text(412, "the item has changed\n", item === undefined ? {} : { ETag: item.etag });
}

/** Whether a list of entity tags, or `*`, names the item. */
function lists(tags: string | undefined, item: Item | undefined): boolean {
  if (tags === undefined || item === undefined) return false;
  return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim() === item.etag);
}

function objectOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
