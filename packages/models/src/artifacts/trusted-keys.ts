// Ed25519 keys in PEM files: public ones, whose signatures a replica trusts, and the private one that signs.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { invalidArgument, WeftError } from '@weft/errors';

/** By key id. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/** The public keys of PEM files, of which each may hold several. Throws INVALID_ARGUMENT naming the file. */
export function readTrustedKeys(files: readonly string[]): TrustedKeys {
  const keys = files.flatMap((file) => {
    const blocks = read(file).match(/-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----/gs) ?? [];
    if (blocks.length === 0) throw invalidArgument(`${basename(file)} holds no public key (PEM)`);
    return blocks.map((pem) => ed25519(file, () => createPublicKey(pem)));
  });
  return new Map(keys.map((key) => [keyId(key), key]));
}

/** Throws INVALID_ARGUMENT for a file that holds no private Ed25519 key without a passphrase. */
export function readSigningKey(file: string): KeyObject {
  const pem = read(file);
  return ed25519(file, () => createPrivateKey(pem));
}

/** The first 16 hexadecimal digits of the sha-256 of the public key's DER form; a private key has its public key's. */
export function keyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `the key file ${basename(file)} cannot be read`, { cause });
  }
}

function ed25519(file: string, parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `${basename(file)} holds no key that can be read`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw invalidArgument(`${basename(file)} holds no Ed25519 key`);
  return key;
}
