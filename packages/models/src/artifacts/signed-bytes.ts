// What a signature of a version is over. UTF-8, six lines, each ended by a line feed:
//
//   weft.models.v1.Signature       so that no signature of anything else is one of a version
//   "<model>"                      as a JSON string, as is the service
//   "<service>"
//   <version>
//   [["<path>","<sha256>",<size>],…]   the files by path (compared by UTF-16 code units), as JSON without blanks
//   {…}                            the configuration: see canonical-config.ts
//
// Where files are taken from is not in it: the digests say what they are.
import { canonicalConfig } from './canonical-config.ts';
import type { PushedVersion } from './pushed-version.ts';

export function signedBytes({ model, service, version: { version, config, files } }: PushedVersion): Buffer {
  const manifest = [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256, size }) => [path, sha256, size]);
  const lines = [
    'weft.models.v1.Signature',
    JSON.stringify(model),
    JSON.stringify(service),
    version,
    JSON.stringify(manifest),
    canonicalConfig(config),
  ];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
