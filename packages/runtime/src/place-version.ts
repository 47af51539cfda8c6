// Where the files of a version lie that is to be loaded: in its model repository, or in the version store, which fetches what was
// pushed and what a configuration refers to on other machines. A `file:` reference of a pushed configuration means a file that was
// pushed with it.
import { join } from 'node:path';
import { fetchReferences, type PushedVersion, type VersionStore } from '@weft/models';
import type { Loading } from './lifecycle/served-version.ts';

export function versionPlacer(store: Pick<VersionStore, 'place' | 'fetch'>): Loading['place'] {
  return async ({ model, config, origin }, options) => {
    if (origin.kind === 'repository')
      return fetchReferences({ directory: origin.directory, config }, store, options.signal);
    const { service, version } = origin;
    const directory = await store.place({ model, service, version }, options);
    const folder = await fetchReferences({ directory, config }, store, options.signal);
    return { ...folder, fetched: { ...folder.fetched, ...ownFiles(directory, version) } };
  };
}

function ownFiles(directory: string, { version, files }: PushedVersion['version']): Record<string, string> {
  return Object.fromEntries(files.map(({ path }) => [`file:${path}`, join(directory, version, path)]));
}
