// Credentials of listeners and of channels, from files that settings name. Everything is checked when the process
// starts, and an error names the file: grpc-js itself reports a wrong key as a failing connection much later.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ChannelCredentials, Metadata, ServerCredentials } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { watchFile } from './gate/watched-file.ts';

export interface ServerCredentialFiles {
  /** PEM files. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Authorities of clients; with it every client must show a certificate of theirs. */
  readonly tlsCa?: string | undefined;
}

export interface ListenerCredentials {
  readonly credentials: ServerCredentials;
  /** Both for the gate. */
  readonly tls: boolean;
  readonly mutualTls: boolean;
  /** The same for listeners of other kinds; absent without TLS. */
  readonly files?: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer };
}

/** Throws FAILED_PRECONDITION naming the file that is missing or wrong. */
export function createServerCredentials({ tlsCert, tlsKey, tlsCa }: ServerCredentialFiles): ListenerCredentials {
  const pair = readPair(tlsCert, tlsKey);
  if (pair === undefined) {
    if (tlsCa !== undefined)
      throw credentialError(tlsCa, 'client certificates need a certificate and key of the server too');
    return { credentials: ServerCredentials.createInsecure(), tls: false, mutualTls: false };
  }
  const authorities = tlsCa === undefined ? null : readAuthorities(tlsCa);
  const keyPairs = [{ cert_chain: pair.certificate, private_key: pair.key }];
  const mutualTls = authorities !== null;
  const files = {
    cert: pair.certificate,
    key: pair.key,
    ...(authorities === null ? {} : { ca: authorities }),
  };
  return { credentials: ServerCredentials.createSsl(authorities, keyPairs, mutualTls), tls: true, mutualTls, files };
}

export interface ChannelCredentialFiles {
  /** Authorities of the server. */
  readonly tlsCa?: string | undefined;
  /** What this client shows. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Holds a bearer token; read again when it changes. */
  readonly tokenFile?: string | undefined;
  /** The bearer token itself. */
  readonly token?: string | undefined;
  /** TLS with the public authorities, where no tlsCa is given. */
  readonly tls?: boolean | undefined;
}

export interface DialCredentials {
  readonly credentials: ChannelCredentials;
  /**
   * Fresh metadata for one call, with the bearer token where there is one. (grpc-js refuses call credentials on a
   * connection without TLS, but on loopback a token without TLS is in order.)
   */
  readonly callMetadata: () => Metadata;
}

/** Throws FAILED_PRECONDITION naming the file that is missing or wrong. */
export function createChannelCredentials(files: ChannelCredentialFiles): DialCredentials {
  const token = readToken(files);
  return {
    credentials: channelCredentials(files),
    callMetadata() {
      const metadata = new Metadata();
      if (token !== undefined) metadata.set('authorization', `Bearer ${token()}`);
      return metadata;
    },
  };
}

function channelCredentials({ tlsCa, tlsCert, tlsKey, tls }: ChannelCredentialFiles): ChannelCredentials {
  const pair = readPair(tlsCert, tlsKey);
  const authorities = tlsCa === undefined ? null : readAuthorities(tlsCa);
  if (authorities === null && pair === undefined && tls !== true) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(authorities, pair?.key ?? null, pair?.certificate ?? null);
}

function readToken({ tokenFile, token }: ChannelCredentialFiles): (() => string) | undefined {
  if (tokenFile === undefined) return token === undefined ? undefined : () => token;
  const parse = (text: string) => {
    const content = text.trim();
    if (/^[\x21-\x7e]+$/.test(content)) return content;
    throw credentialError(tokenFile, 'expected one bearer token and nothing else');
  };
  // A token that cannot be read again stays as it was; the server's refusal then tells.
  return reading(tokenFile, () => watchFile(tokenFile, { parse, onError: () => {} }));
}

function readPair(certFile: string | undefined, keyFile: string | undefined) {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) throw credentialError(keyFile ?? '', 'this key has no certificate beside it');
  if (keyFile === undefined) throw credentialError(certFile, 'this certificate has no key beside it');
  const certificate = readPem(certFile);
  const key = readPem(keyFile);
  if (!parseCertificate(certFile, certificate).checkPrivateKey(parseKey(keyFile, key))) {
    throw credentialError(keyFile, `this is not the key of the certificate ${certFile}`);
  }
  return { certificate, key };
}

function readAuthorities(file: string): Buffer {
  const pem = readPem(file);
  parseCertificate(file, pem);
  return pem;
}

function parseCertificate(file: string, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw credentialError(file, 'expected a certificate in PEM form', cause);
  }
}

function parseKey(file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw credentialError(file, 'expected a private key in PEM form, without a passphrase', cause);
  }
}

function readPem(file: string): Buffer {
  return reading(file, () => readFileSync(file));
}

function reading<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof WeftError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw credentialError(file, missing ? 'there is no such file' : 'cannot be read', cause);
  }
}

function credentialError(file: string, problem: string, cause?: unknown): WeftError {
  return new WeftError('FAILED_PRECONDITION', `${file}: ${problem}`, { cause });
}
