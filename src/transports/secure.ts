import { isIP, type Socket } from "node:net";
import { established, SocketConnection } from "./socket.ts";
import { isLoopback } from "./target.ts";
import type { Connection, Target } from "./transport.ts";

/**
 * TLS as a client over a connected socket, which belongs to it from then on. The certificate is checked except where the
 * target is on this machine and no `ca` is given, or `insecure` says so. `tls` is loaded here: most
 * runs have no use for it.
 * @throws an error that says what the handshake failed on, or the signal's reason.
 */
export async function secure(plain: Socket, target: Target, signal: AbortSignal): Promise<Connection> {
  const { connect } = await import("node:tls");
  const { ca, servername, insecure = false } = target.tls;
  const name = servername ?? (target.host || "localhost");
  try {
    const socket = connect({
      socket: plain,
      rejectUnauthorized: !insecure && (!isLoopback(target) || ca !== undefined),
      // What the certificate must name. An address is not sent as the server's name (RFC 6066, section 3).
      host: name,
      ...(isIP(name) === 0 && { servername: name }),
      ...(ca !== undefined && { ca }),
      ...(target.scheme === "https" && { ALPNProtocols: ["http/1.1"] }),
    });
    const connection = new SocketConnection(socket, plain, undefined);
    await established(socket, "secureConnect", signal);
    return connection;
  } catch (error) {
    plain.destroy();
    throw signal.aborted ? signal.reason : explained(error as NodeJS.ErrnoException, name);
  }
}

/** What OpenSSL calls the end of a chain that leads to no certificate we trust (X509_V_ERR_...). */
const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The code for an answer that is not TLS. */
export const NOT_TLS = "ERR_SSL_WRONG_VERSION_NUMBER";

function explained(error: NodeJS.ErrnoException & { reason?: string }, name: string): Error {
  const code = error.code ?? "";
  // OpenSSL's own words end in a line break.
  let message = `TLS with ${name} failed: ${error.message.trim()}`;
  if (UNTRUSTED.has(code)) {
    message = `the certificate of ${name} is not trusted: ${error.message}; set tls.ca to the certificate of its issuer`;
  } else if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    message = `the certificate is not for ${name}: ${error.reason}; set tls.servername to a name that it is for`;
  } else if (code.startsWith("CERT_")) {
    message = `the certificate of ${name} is not valid: ${error.message}`;
  } else if (code === NOT_TLS) {
    message = `what ${name} answers is not TLS`;
  } else if (code === "ECONNRESET") {
    message = `the server closed the connection during the TLS handshake`;
  }
  return Object.assign(new Error(message, { cause: error }), { code });
}
