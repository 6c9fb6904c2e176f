/** How calls to etcd fail, and what follows from it. */
import { EngineError } from "../engine.ts";

interface Failure {
  /** The member. */
  readonly origin?: string;
  /** What may be told to who need not know where the members are; the text where it is missing. */
  readonly told?: string;
  /** False where the member has certainly not looked at the call. */
  readonly sent: boolean;
  /** gRPC's number where there is one. */
  readonly status?: number;
}

/** A call that was not answered, or answered with an error. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly told: string;
  readonly sent: boolean;
  readonly status: number | undefined;
  constructor(text: string, { origin, told = text, sent, status }: Failure) {
    super(origin === undefined ? text : `${origin}: ${text}`);
    this.told = told;
    this.sent = sent;
    this.status = status;
  }
}

/** What etcd refuses for good, with gRPC's status. */
export class EtcdRefusal extends EngineError {
  readonly status: number;
  constructor(message: string, status: number, unknown: boolean, cause: Error) {
    super(message, unknown, { cause });
    this.status = status;
  }
}

/** gRPC's numbers. */
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
export const OUT_OF_RANGE = 11;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;
const REFUSALS: ReadonlySet<number | undefined> = new Set([
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  UNAUTHENTICATED,
]);

/** What etcd and its server for gRPC say. The client for gRPC has the same numbers for what goes wrong on the way. */
const ETCDS = /^(?:etcdserver: |grpc: received message larger than max|unknown (?:service|method)\b)/;
/** Said before anything is done: another member, or the same one a little later, may carry it out. */
const NOT_DONE =
  /too many requests|no leader|not supported for learner|invalid auth token|revision of auth store is old/;
/** A member that finds itself full says it of writes that it turned away, and of one that it has just carried out. */
const FULL = /database space exceeded/;

/** What can be done about a refusal, by what it says. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/request is too large|larger than max/, "a member takes more with --max-request-bytes"],
  [/too many operations/, "each level of a path takes two compares: use fewer, or give the members more --max-txn-ops"],
  [FULL, "make room with a compaction and etcdctl defrag, then etcdctl alarm disarm"],
  [/user name is empty/, "give a name and a password: http://NAME:PASSWORD@host:port"],
  [/permission denied/, "the store needs a user who may read and write all keys"],
];

/** A call that ended with a status: etcd's own text is told as it is; others may name addresses. */
export function failed(origin: string, method: string, text: string, status: number, sent: boolean): CallError {
  const told = ETCDS.test(text) ? text : `a member failed at ${method}`;
  return new CallError(text, { origin, told, sent, status });
}

/** All members were tried. */
export function unreachable(problems: readonly CallError[]): CallError {
  const all = problems.map(({ message }) => message).join("; ");
  return new CallError(all, { told: "no connection", sent: false });
}

export type Verdict = "refused" | "not done" | "unknown";

export function judge({ sent, status, told }: CallError): Verdict {
  if (!sent) return "not done";
  if (!ETCDS.test(told)) return "unknown";
  if (NOT_DONE.test(told)) return "not done";
  return REFUSALS.has(status) ? "refused" : "unknown";
}

/** Of a call that was judged to be refused. */
export function refusal(error: CallError, isRead: boolean): EtcdRefusal {
  const { told, status } = error;
  const remedy = REMEDIES.find(([text]) => text.test(told))?.[1];
  return new EtcdRefusal(
    `etcd: ${told}${remedy === undefined ? "" : `; ${remedy}`}`,
    status!,
    !isRead && FULL.test(told),
    error,
  );
}
