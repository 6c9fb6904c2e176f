/**
 * Controls: `=== close` and its like (format guide, section 6). What they find counts to the exchange above them.
 */
import { decodeText } from "../base/bytes.ts";
import { formatDuration, parseDuration } from "../base/duration.ts";
import type { PlannedControl } from "../plan/planned.ts";
import type { OpenConnection, Waiter } from "./connection.ts";
import { Interrupted } from "./interrupted.ts";
import type { Player } from "./player.ts";
import type { ExchangeRecord } from "./record.ts";
import { extraMessage } from "./verdict.ts";

/** @returns whether the example can go on. */
export async function playControl(player: Player, step: PlannedControl): Promise<boolean> {
  const { context } = player;
  const { connections } = context;
  const above = (): ExchangeRecord => player.recordAbove(step.line, step.connection);
  const argument = step.argument.length === 0 ? "" : context.variables.evaluate(step.argument);
  if (argument === undefined) {
    above().fail(
      "unbound",
      step.line,
      `a name in "=== ${step.verb}" has no value: the reply that would have bound it was not matched`,
    );
    return true;
  }
  if (step.verb === "wait") {
    const open = connections.current(step.connection, player.example);
    if (open) player.checkExtra(open);
    await player.wait(milliseconds(argument));
    return true;
  }
  if (step.verb === "connect") {
    const open = connections.current(step.connection, player.example, true);
    if (open) {
      player.checkExtra(open, "at the end");
      connections.forget(open);
    }
    try {
      await connections.connect(step.connection, player.example, step.line, context, decodeText(argument) || undefined);
      return true;
    } catch (error) {
      const record = above();
      player.connectFailed(record, error, step.line);
      return false;
    }
  }
  const open =
    connections.current(step.connection, player.example, true) ??
    (await player.connectionFor(above(), step.connection, step.line));
  if (!open) return false;
  player.checkExtra(open, step.verb === "close" || step.verb === "reset" ? "at the end" : "now");
  if (open.isLost && needsConnection.has(step.verb)) {
    player.lose(open, above(), step.line);
    return false;
  }
  switch (step.verb) {
    case "close":
      connections.forget(open);
      return true;
    case "reset":
      open.reset();
      connections.forget(open);
      return true;
    case "half-close":
      open.link.halfClose();
      return true;
    case "closed":
      return closed(player, step, open, above());
    case "silence":
      return silence(player, step, open, above(), milliseconds(argument));
    case "starttls":
      return starttls(player, step, open, above());
    default:
      return step.verb satisfies never;
  }
}

/** Controls that make no sense on a connection that the server has closed. */
const needsConnection: ReadonlySet<string> = new Set(["half-close", "silence", "starttls"]);

const milliseconds = (text: string): number => parseDuration(text) ?? 0;

/** Names the connection of a control that counts to an exchange on another one. */
function elsewhere({ name }: OpenConnection, { step }: ExchangeRecord): string {
  if (name === step.connection) return "";
  return name === "" ? "on the unnamed connection: " : `on ${name}: `;
}

/** Waits for the server to close, no longer than `timeout`. */
async function closed(
  player: Player,
  step: PlannedControl,
  open: OpenConnection,
  record: ExchangeRecord,
): Promise<boolean> {
  const { timeout } = player.example.settings;
  const isClosed = await untilClosed(open, timeout);
  player.checkExtra(open, "at the end");
  if (!isClosed)
    record.fail(
      "not-closed",
      step.line,
      `${elsewhere(open, record)}the server did not close the connection within ${formatDuration(timeout)}`,
    );
  player.context.connections.forget(open);
  return true;
}

/** @returns whether the other side has closed within `ms`. @throws {Interrupted} */
export function untilClosed(open: OpenConnection, ms: number, refresh = false): Promise<boolean> {
  const { link } = open;
  return new Promise((resolve, reject) => {
    const finish = (isClosed: boolean): void => {
      open.rest();
      resolve(isClosed);
    };
    const waiter: Waiter = {
      onActivity: () => {
        if (link.closed || link.framingError) finish(true);
        else if (link.bytes > LARGEST_EXTRA) finish(false);
        else if (refresh) open.awaitSilence(ms);
      },
      onTimeout: () => finish(false),
      onSilence: () => finish(false),
      onInterrupt: () => {
        open.rest();
        reject(new Interrupted());
      },
    };
    open.await(waiter, refresh ? Math.max(ms, LONGEST_END) : ms);
    waiter.onActivity();
  });
}

/** A server that never falls silent is listened to no longer than this at the end of a connection, in milliseconds. */
const LONGEST_END = 2000;
/** What comes while a hang-up is awaited is shown at most this far, in bytes: it is a failure anyway. */
const LARGEST_EXTRA = 1 << 20;

async function silence(
  player: Player,
  step: PlannedControl,
  open: OpenConnection,
  record: ExchangeRecord,
  ms: number,
): Promise<boolean> {
  open.openReply = undefined;
  player.checkExtra(open, "before a client line");
  await player.wait(ms);
  const extra = [...open.takeExtra(), ...open.takeUnasked().flatMap(({ lines }) => lines)];
  // Where a dialect opens a closed connection anew, a close is still not silence.
  const { link } = open;
  const isLost = open.isLost || (link.closed && !link.framingError && !link.codec.over);
  if (isLost) player.context.connections.forget(open);
  const on = elsewhere(open, record);
  if (extra.length > 0) player.failExtra(record, extra, step.line, `${on}${extraMessage(extra, record)}`);
  else if (open.isWithinExtra) {
    record.unreadable ||= link.codec.begun ?? "";
    record.fail("extra", step.line, `${on}unexpected: the beginning of a reply, without its end`);
  } else if (link.framingError) {
    record.unreadable ||= link.unreadable;
    record.fail("extra", step.line, `${on}unexpected data: ${link.framingError.message}`);
  } else if (isLost)
    record.fail(
      "closed",
      step.line,
      `${on}the server closed the connection within the ${formatDuration(ms)} of silence`,
    );
  return !isLost;
}

async function starttls(
  player: Player,
  step: PlannedControl,
  open: OpenConnection,
  record: ExchangeRecord,
): Promise<boolean> {
  const { context, example } = player;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(example.settings.timeout)]);
  try {
    await open.link.upgrade(context.connections.codec(example, open.dialect, open.link.target), signal);
    return true;
  } catch (error) {
    if (context.signal.aborted) throw new Interrupted();
    record.fail(
      "protocol",
      step.line,
      `${elsewhere(open, record)}the connection did not turn to TLS: ${signal.aborted ? `no handshake within ${formatDuration(example.settings.timeout)}` : (error as Error).message}`,
    );
    context.connections.forget(open);
    return false;
  }
}
