import { describe, expect, it } from "vitest";
import { Arrivals } from "../../src/play/arrivals.ts";

/** A connection on which `exchange` sends so many requests and reads so many replies. */
class Reading {
  readonly arrivals = new Arrivals<string>();
  #asked = 0;

  exchange(sender: string, requests: number): this {
    const ids = Array.from({ length: requests }, () => this.#asked++);
    this.arrivals.ledger.sent(
      ids.map((id) => ({ id, isIdempotent: false })),
      sender,
    );
    return this;
  }

  /** A reply of one line arrives: to a request, or to none. */
  come(...to: (number | undefined)[]): this {
    for (const one of to) this.arrivals.push({ lines: [`to ${one}`], ends: "message", part: "", to: one });
    return this;
  }

  /** The lines that a reader takes: so many at most. */
  read(most = Number.POSITIVE_INFINITY): readonly (string | undefined)[] {
    const lines: (string | undefined)[] = [];
    this.arrivals.ledger.isRead = true;
    for (let one = this.arrivals.peek(); one && lines.length < most; one = this.arrivals.peek()) {
      lines.push(one.line);
      this.arrivals.take();
    }
    this.arrivals.ledger.isRead = false;
    return lines;
  }

  get unasked(): readonly string[] {
    return this.arrivals.takeUnasked().map(({ sender, lines }) => `${sender}: ${lines}`);
  }
}

describe("replies", () => {
  it("belong to the exchange that sent their request, in the order of its requests", () => {
    const reading = new Reading().exchange("a", 3).come(2);
    expect(reading.read()).toEqual([]);
    expect(reading.arrivals.held).toBe(1);
    expect(reading.come(0).read()).toEqual(["to 0"]);
    expect(reading.come(1).read()).toEqual(["to 1", "to 2"]);
    expect(reading.arrivals.isEmpty).toBe(true);
  });

  it("to earlier requests come after an exchange's own, the oldest first", () => {
    const reading = new Reading().exchange("a", 1).exchange("b", 1).exchange("c", 1).exchange("d", 1);
    expect(reading.come(1).read()).toEqual([]);
    expect(reading.come(3).read()).toEqual(["to 3"]);
    expect(reading.come(2).read()).toEqual([]);
    expect(reading.come(0).read(2)).toEqual(["to 0", "to 1"]);
    expect(reading.unasked).toEqual(["c: to 2"]);
  });

  it("that nobody reads wait for an exchange that sends nothing", () => {
    const reading = new Reading().exchange("a", 1).come(0);
    reading.exchange("b", 1).come(1);
    expect(reading.read()).toEqual(["to 1", "to 0"]);
    reading.exchange("c", 1).come(2).exchange("d", 0);
    expect(reading.read()).toEqual(["to 2"]);
  });

  it("that no line asks for are told with their sender", () => {
    const reading = new Reading().exchange("a", 2).come(0, 1);
    expect(reading.read(1)).toEqual(["to 0"]);
    reading.exchange("b", 1).come(2);
    expect(reading.read(1)).toEqual(["to 2"]);
    expect(reading.unasked).toEqual(["a: to 1"]);
  });

  it("to no request are taken as they come", () => {
    const reading = new Reading().exchange("a", 1).exchange("b", 1).come(undefined, 0, undefined);
    expect(reading.read()).toEqual(["to undefined", "to undefined"]);
    expect(reading.come(1).read()).toEqual(["to 1", "to 0"]);
  });

  it("of an exchange that is tried again are not seen", () => {
    const reading = new Reading().exchange("before", 1).exchange("tried", 1);
    reading.arrivals.ledger.drop((sender) => sender === "tried");
    reading.exchange("again", 1).come(1, 0, 2);
    expect(reading.read()).toEqual(["to 2", "to 0"]);
    expect(reading.unasked).toEqual([]);
  });

  it("that were taken in part go on, but not before the reply to a new request", () => {
    const { arrivals } = new Reading();
    const request = (id: number) => [{ id, isIdempotent: false }];
    arrivals.ledger.sent(request(0), "a");
    arrivals.ledger.isRead = true;
    arrivals.push({ lines: ["1"], ends: undefined, part: "body", to: 0 });
    arrivals.take();
    arrivals.ledger.isRead = false;
    arrivals.push({ lines: ["2"], ends: undefined, part: "body", to: 0 });
    expect(arrivals.peek()?.line).toBe("2");
    arrivals.take();
    arrivals.ledger.sent(request(1), "b");
    arrivals.ledger.isRead = true;
    arrivals.push({ lines: ["3"], ends: "message", part: "body", to: 0 });
    expect(arrivals.peek()).toBeUndefined();
    arrivals.push({ lines: ["own"], ends: "message", part: "body", to: 1 });
    expect(arrivals.peek()?.line).toBe("own");
    arrivals.take();
    expect(arrivals.peek()?.line).toBe("3");
  });
});
