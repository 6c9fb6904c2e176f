/**
 * What a connection may do. Each begins as if it had said ACCESS with an empty secret; a secret that is right adds
 * rights, and none takes them away. Without a secret for writing everybody may read and write, whatever the other one is.
 */
import { createHash, timingSafeEqual } from "node:crypto";

export interface Secrets {
  /** For reading and writing; empty: none. */
  readonly secret: string;
  /** For reading; empty: none. */
  readonly readOnlySecret: string;
}

export interface Rights {
  mayRead: boolean;
  mayWrite: boolean;
}

const digest = (secret: Uint8Array | string): Buffer => createHash("sha256").update(secret).digest();

export class Access {
  readonly #write: Buffer;
  readonly #read: Buffer;
  readonly #blank: Rights;

  constructor({ secret, readOnlySecret }: Secrets) {
    this.#write = digest(secret);
    this.#read = digest(readOnlySecret);
    this.#blank = { mayRead: false, mayWrite: false };
    this.grant(this.#blank, new Uint8Array(0));
  }

  /** The rights of a new connection. */
  begin(): Rights {
    return { ...this.#blank };
  }

  /** Adds what a secret gives; false where it gives nothing. The time says nothing about the secrets. */
  grant(rights: Rights, secret: Uint8Array): boolean {
    const given = digest(secret);
    const isWrite = timingSafeEqual(given, this.#write);
    const isRead = timingSafeEqual(given, this.#read);
    rights.mayWrite ||= isWrite;
    rights.mayRead ||= isWrite || isRead;
    return isWrite || isRead;
  }
}
