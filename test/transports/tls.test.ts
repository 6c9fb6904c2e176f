import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createSecureContext, TLSSocket as ServerTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tcp } from "../../src/transports/tcp.ts";
import { tls } from "../../src/transports/tls.ts";
import type { Connection, Target } from "../../src/transports/transport.ts";
import { describeTransport, type Listening, Recorder } from "../contract/transport.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { listenPlain, listenTls, targetOf } from "../support/listening.ts";
import { describeWith } from "../support/real-servers.ts";

const never = new AbortController().signal;

describeWith(["openssl"], "TLS", () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates(["DNS:wire.example", "IP:127.0.0.1"]);
  });

  describeTransport("tls", {
    transport: tls,
    listen: () => listenTls("tls", certificates),
    async refused() {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      server.close();
      await once(server, "close");
      return {
        target: targetOf("tls", { host: "127.0.0.1", port }),
        message: `connect ECONNREFUSED 127.0.0.1:${port}`,
      };
    },
    deviations: {},
  });

  describe("certificates", () => {
    let server: Listening;
    beforeAll(async () => {
      server = await listenTls("tls", certificates);
    });
    afterAll(() => server.close());

    /** Opens a connection; the server's end of it tells what the client asked for. */
    async function handshake(target: Partial<Target>): Promise<TLSSocket> {
      const [connection, peer] = await Promise.all([
        tls.connect({ ...server.target, ...target }, never),
        server.next(),
      ]);
      connection.close();
      return peer as TLSSocket;
    }
    const failure = async (target: Partial<Target>): Promise<Error> =>
      tls.connect({ ...server.target, ...target }, never).then(
        () => Promise.reject(new Error("it was accepted")),
        (error) => error,
      );
    /** The machine's own address under a name that is not loopback: what a target elsewhere looks like. */
    const elsewhere = { host: "0.0.0.0" };

    test("are not checked on loopback, and an address is not sent as a name", async () => {
      expect((await handshake({})).servername).toBe(false);
      expect((await handshake({ host: "localhost" })).servername).toBe("localhost");
      expect((await handshake({ tls: { servername: "other.example" } })).servername).toBe("other.example");
    });

    test("of an unknown authority are refused elsewhere", async () => {
      expect((await failure(elsewhere)).message).toBe(
        "the certificate of 0.0.0.0 is not trusted: self-signed certificate in certificate chain; set tls.ca to the certificate of its issuer",
      );
    });

    test("are accepted elsewhere under insecure", async () => {
      await handshake({ ...elsewhere, tls: { insecure: true } });
      await handshake({ tls: { insecure: true, servername: "other.example", ca: certificates.ca } });
    });

    test("of the authority given are accepted, for the name they are for", async () => {
      const tls = { ca: certificates.ca, servername: "wire.example" };
      expect((await handshake({ ...elsewhere, tls })).servername).toBe("wire.example");
      await handshake({ tls });
      await handshake({ tls: { ca: certificates.ca } });
    });

    test("are checked against the name of the target", async () => {
      expect((await failure({ ...elsewhere, tls: { ca: certificates.ca } })).message).toMatch(
        /^the certificate is not for 0\.0\.0\.0: .*127\.0\.0\.1.*; set tls\.servername to a name that it is for$/,
      );
    });

    test("for another name are refused, on loopback too", async () => {
      const { message } = await failure({ tls: { ca: certificates.ca, servername: "other.example" } });
      expect(message).toMatch(/^the certificate is not for other\.example: .*wire\.example/);
    });

    test("of another authority are refused, on loopback too", async () => {
      const other = makeCertificates(["IP:127.0.0.1"]);
      expect((await failure({ tls: { ca: other.ca } })).message).toMatch(
        /^the certificate of 127\.0\.0\.1 is not trusted: /,
      );
    });

    test("https asks for HTTP/1.1, tls for no protocol", async () => {
      expect((await handshake({ scheme: "https" })).alpnProtocol).toBe("http/1.1");
      expect((await handshake({ scheme: "tls" })).alpnProtocol).toBe(false);
    });
  });

  describe("the handshake", () => {
    async function withPlainServer(run: (server: Listening) => Promise<void>): Promise<void> {
      const server = await listenPlain("tls", { port: 0, host: "127.0.0.1" });
      try {
        await run(server);
      } finally {
        await server.close();
      }
    }

    test("with a server that does not speak TLS says so", () =>
      withPlainServer(async (server) => {
        server.next().then((peer) => peer.write("220 mail.example ESMTP ready\r\n"));
        await expect(tls.connect(server.target, never)).rejects.toThrow("what 127.0.0.1 answers is not TLS");
      }));

    test("with a server that hangs up fails", () =>
      withPlainServer(async (server) => {
        server.next().then((peer) => peer.destroy());
        await expect(tls.connect(server.target, never)).rejects.toThrow(
          "the server closed the connection during the TLS handshake",
        );
      }));

    test("with a server that says nothing ends with the signal", () =>
      withPlainServer(async (server) => {
        const controller = new AbortController();
        const reason = new Error("out of time");
        const connecting = tls.connect(server.target, controller.signal);
        const peer = await server.next();
        await once(peer.resume(), "data");
        controller.abort(reason);
        await expect(connecting).rejects.toBe(reason);
        await new Promise((resolve) => peer.once("close", resolve).end());
      }));
  });

  describe("close_notify", () => {
    /** OpenSSL's own server, which tells of each message; what it was told so far. */
    async function opensslServer(
      version: string,
    ): Promise<{ target: Target; told: () => string; child: ChildProcess }> {
      const folder = await mkdtemp(join(tmpdir(), "wiredoc-s_server-"));
      folders.push(folder);
      await writeFile(join(folder, "server.pem"), certificates.key + certificates.cert);
      const args = ["s_server", "-accept", "127.0.0.1:0", "-cert", join(folder, "server.pem"), "-msg", version];
      const child = spawn("openssl", args, { stdio: ["pipe", "pipe", "pipe"] });
      children.push(child);
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
      await expect.poll(() => output).toMatch(/ACCEPT \S+:\d+/);
      const port = Number(/ACCEPT \S+:(\d+)/.exec(output)?.[1]);
      return { target: targetOf("tls", { host: "127.0.0.1", port }), told: () => output, child };
    }
    const children: ChildProcess[] = [];
    const folders: string[] = [];
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill("SIGKILL");
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
    });

    const FROM_CLIENT = /<<< .*Alert.*close_notify/;
    const ENDED = /shutting down SSL|CONNECTION CLOSED|ERROR/;

    test.each(["-tls1_2", "-tls1_3"])("is sent by close and by half-close, not by reset: %s", async (version) => {
      for (const how of ["close", "halfClose", "reset"] as const) {
        const { target, told } = await opensslServer(version);
        const connection = await tls.connect(target, never);
        connection.receive(new Recorder());
        await connection.send(Buffer.from("hello\n"));
        await expect.poll(told).toMatch(/^hello/m);
        connection[how]!();
        await expect.poll(told).toMatch(ENDED);
        if (how === "reset") expect(told()).not.toMatch(FROM_CLIENT);
        else await expect.poll(told).toMatch(FROM_CLIENT);
        connection.close();
      }
    });

    test.each(["-tls1_2", "-tls1_3"])("of the server is a close: %s", async (version) => {
      const { target, child } = await opensslServer(version);
      const connection = await tls.connect(target, never);
      const recorder = new Recorder();
      connection.receive(recorder);
      // It ends the connection and itself.
      child.stdin?.write("Q\n");
      await recorder.closing();
      expect(recorder.closings).toEqual([undefined]);
      connection.close();
    });

    test("of the server is answered, also where it goes on waiting for that", async () => {
      const server = await listenTls("tls", certificates);
      try {
        const [connection, peer] = await Promise.all([tls.connect(server.target, never), server.next()]);
        const recorder = new Recorder();
        connection.receive(recorder);
        peer.end();
        await recorder.closing();
        expect(recorder.closings).toEqual([undefined]);
        const answered = once(peer.resume(), "end");
        connection.close();
        await answered;
      } finally {
        await server.close();
      }
    });

    test("is not awaited: an end without it is a close", async () => {
      const server = await listenPlain("tls", { port: 0, host: "127.0.0.1" });
      try {
        const connecting = tls.connect(server.target, never);
        const plain = await server.next();
        const secured = new ServerTls(plain as never, {
          isServer: true,
          secureContext: createSecureContext(certificates),
        });
        secured.on("error", () => {});
        const connection = await connecting;
        const recorder = new Recorder();
        connection.receive(recorder);
        plain.end();
        await recorder.closing();
        expect(recorder.closings).toEqual([undefined]);
        connection.close();
      } finally {
        await server.close();
      }
    });
  });

  describe("STARTTLS", () => {
    async function negotiate(server: Listening): Promise<[Connection, Recorder, ServerTls]> {
      const plain = await tcp.connect(server.target, never);
      const before = new Recorder();
      plain.receive(before);
      const peer = await server.next();
      await plain.send(Buffer.from("STARTTLS\r\n"));
      await once(peer.resume(), "data");
      peer.removeAllListeners("data");
      peer.pause();
      peer.write("220 go ahead\r\n");
      await before.bytes(14);
      const secureContext = createSecureContext(certificates);
      const secured = new ServerTls(peer as never, { isServer: true, secureContext });
      secured.on("error", () => {});
      const connection = await plain.upgrade!({ ...server.target, tls: { ca: certificates.ca } }, never);
      return [connection, before, secured];
    }

    test("turns a connection to TLS", async () => {
      const server = await listenPlain("tcp", { port: 0, host: "127.0.0.1" });
      try {
        const [connection, before, peer] = await negotiate(server);
        expect(connection.upgrade).toBeUndefined();
        const recorder = new Recorder();
        connection.receive(recorder);
        peer.on("data", (chunk) => peer.end(`secret ${chunk}`));
        await connection.send(Buffer.from("EHLO"));
        await recorder.closing();
        expect(recorder.text).toBe("secret EHLO");
        expect(recorder.closings).toEqual([undefined]);
        expect(before.text).toBe("220 go ahead\r\n");
        expect(before.closings).toEqual([]);
        connection.close();
      } finally {
        await server.close();
      }
    });

    test("with an untrusted certificate ends the connection", async () => {
      const server = await listenTls("tcp", certificates);
      try {
        const plain = await tcp.connect(server.target, never);
        const target = { ...server.target, tls: { ca: makeCertificates(["IP:127.0.0.1"]).ca } };
        await expect(plain.upgrade!(target, never)).rejects.toThrow("is not trusted");
        expect(plain.send(Buffer.from("x"))).toBeUndefined();
      } finally {
        await server.close();
      }
    });
  });
});
