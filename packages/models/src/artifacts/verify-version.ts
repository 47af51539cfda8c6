// Signatures of versions: whoever pushes one signs it, and replicas with trusted keys load nothing else. It holds however the event
// and the files came: neither router, event log nor source has to be trusted with it.
import { type KeyObject, sign, verify } from 'node:crypto';
import { WeftError } from '@weft/errors';
import type { Signature__Output } from '@weft/rpc/messages/weft/models/v1/Signature';
import type { PushedVersion } from './pushed-version.ts';
import { remoteReferences } from './remote-references.ts';
import { signedBytes } from './signed-bytes.ts';
import { keyId, type TrustedKeys } from './trusted-keys.ts';

/** The signature of a version by a private key; those that it has already do not matter. */
export function signVersion(pushed: PushedVersion, key: KeyObject): Signature__Output {
  return { keyId: keyId(key), ed25519: sign(null, signedBytes(pushed), key) };
}

/**
 * Throws PERMISSION_DENIED, saying why, unless one of the keys has signed the version. Without keys every version passes. What a
 * configuration refers to on other machines is no part of the version: a digest in it must pin that.
 */
export function verifyVersion(pushed: PushedVersion, keys: TrustedKeys): void {
  if (keys.size === 0) return;
  const { version, signatures, config } = pushed.version;
  if (signatures.length === 0) throw refused(`version ${version} is not signed`);
  const known = signatures.filter((signature) => keys.has(signature.keyId));
  if (known.length === 0) {
    const ids = signatures.slice(0, 4).map((signature) => signature.keyId.slice(0, 16));
    throw refused(`version ${version} is signed by no trusted key, but by ${ids.join(', ')}`);
  }
  const bytes = signedBytes(pushed);
  const valid = known.some((signature) => isValid(bytes, signature, keys.get(signature.keyId)));
  if (!valid)
    throw refused(`the signature of version ${version} by key ${known[0]?.keyId ?? ''} does not match its content`);
  const unpinned = config === null ? undefined : remoteReferences(config).find(({ sha256 }) => sha256 === undefined);
  if (unpinned !== undefined && !unpinned.reference.startsWith('nats:'))
    throw refused(`version ${version} refers to '${unpinned.name}' elsewhere without a digest (weft.sha256)`);
}

function isValid(bytes: Buffer, { ed25519 }: Signature__Output, key: KeyObject | undefined): boolean {
  return key !== undefined && ed25519.length === 64 && verify(null, bytes, key, ed25519);
}

function refused(message: string): WeftError {
  return new WeftError('PERMISSION_DENIED', message);
}
