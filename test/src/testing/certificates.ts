// Certificates and token files for tests, written into a folder.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { generate } from 'selfsigned';

export class CredentialFolder {
  readonly path: string;
  #authority: { readonly key: string; readonly cert: string } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes `<name>.crt` and `<name>.key` for this machine, or for that host; the first one signs all later ones. */
  async issue(name: string, host?: string): Promise<void> {
    const subject = host === undefined ? { type: 7 as const, ip: '127.0.0.1' } : { type: 2 as const, value: host };
    const extensions = [
      { name: 'basicConstraints' as const, cA: this.#authority === undefined },
      { name: 'subjectAltName' as const, altNames: [subject] },
    ];
    const signed = this.#authority === undefined ? {} : { ca: this.#authority };
    const options = { keyType: 'ec' as const, algorithm: 'sha256', extensions, ...signed };
    const pair = await generate([{ name: 'commonName', value: name }], options);
    this.#authority ??= { key: pair.private, cert: pair.cert };
    writeFileSync(this.file(`${name}.crt`), pair.cert);
    writeFileSync(this.file(`${name}.key`), pair.private);
  }

  /** Writes a token file; `token` is hashed. */
  writeTokens(
    name: string,
    entries: readonly (Readonly<Record<string, unknown>> & { readonly token?: string })[],
  ): string {
    const tokens = entries.map(({ token, ...entry }) =>
      token === undefined ? entry : { ...entry, sha256: createHash('sha256').update(token).digest('hex') },
    );
    writeFileSync(this.file(name), JSON.stringify({ tokens }));
    return this.file(name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** What a client needs to trust the certificates of this folder, and to show one where it is named. */
  channel(authority: string, own?: string): ChannelCredentials {
    const read = (file: string) => readFileSync(this.file(file));
    if (own === undefined) return credentials.createSsl(read(`${authority}.crt`));
    return credentials.createSsl(read(`${authority}.crt`), read(`${own}.key`), read(`${own}.crt`));
  }
}
