import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts of a throw-away authority and of a server's certificate that it signed. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A fresh authority, and a certificate of it for `names` (`DNS:wire.example`, `IP:127.0.0.1`). Needs `openssl`. */
export function makeCertificates(names: readonly string[]): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "wiredoc-certificates-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    openssl(
      ...["req", "-x509", ...newKey, "-keyout", file("ca.key"), "-out", file("ca.pem")],
      ...["-days", "2", "-subj", "/CN=wiredoc test authority"],
    );
    openssl(
      "req",
      ...newKey,
      "-keyout",
      file("key.pem"),
      "-out",
      file("request.pem"),
      "-subj",
      "/CN=wiredoc test server",
    );
    writeFileSync(file("extensions"), `subjectAltName=${names.join(",")}\n`);
    openssl(
      ...["x509", "-req", "-in", file("request.pem"), "-CA", file("ca.pem"), "-CAkey", file("ca.key")],
      ...["-CAcreateserial", "-out", file("cert.pem"), "-days", "2", "-extfile", file("extensions")],
    );
    const read = (name: string) => readFileSync(file(name), "utf8");
    return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
