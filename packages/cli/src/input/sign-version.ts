// --sign: the publisher's signature over a version, by a key in a file.
import type { FileDigest } from '@weft/client';
import { WeftError } from '@weft/errors';
import { customService, readSigningKey, signVersion } from '@weft/models';
import { usageError } from '../usage-error.ts';
import type { LocalVersion } from './model-folder.ts';

export type SigningKey = ReturnType<typeof readSigningKey>;
type Signature = ReturnType<typeof signVersion>;

/** The key in a PEM file. Throws a usage error, also for a version whose number is left to the router to choose. */
export function signingKey(file: string, { version }: LocalVersion): SigningKey {
  if (version === '') throw usageError('--sign needs --version: the signature is over the version too');
  try {
    return readSigningKey(file);
  } catch (thrown) {
    throw thrown instanceof WeftError ? usageError(`--sign: ${thrown.message}`) : thrown;
  }
}

/** A signed version names its service, since the signature is over that too. */
export function signedService({ service }: LocalVersion): string {
  return service || customService;
}

export function signatureOf(
  local: LocalVersion,
  files: readonly (FileDigest & { readonly path: string })[],
  key: SigningKey,
): Signature {
  const { name, version, config } = local;
  const listed = files.map(({ path, sha256, size }) => ({ path, sha256, size, source: '' }));
  const pushed = { version, config, files: listed, signatures: [] };
  return signVersion({ model: name, service: signedService(local), version: pushed }, key);
}
