// For tests: a file inside an installed package, named as a model's source names it. Not through the package's exports,
// which may hide its models.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The path of `npm:package/path`. */
export function installedFile(source: string): string {
  const [, name = '', path = ''] = /^npm:((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(source) ?? [];
  const folders = (createRequire(import.meta.url).resolve.paths(name) ?? []).map((root) => join(root, name));
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`${source} is not installed`);
  return join(found, path);
}
