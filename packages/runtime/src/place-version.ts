// Where the files of a version lie that is to be loaded: in its model repository, or in the version store, which fetches what was
// pushed and what a configuration refers to on other machines.
import { fetchReferences, type VersionStore } from '@weft/models';
import type { Loading } from './lifecycle/served-version.ts';

export function versionPlacer(store: Pick<VersionStore, 'place' | 'fetch'>): Loading['place'] {
  return async ({ model, config, origin }, { signal, onProgress }) => {
    const directory =
      origin.kind === 'repository'
        ? origin.directory
        : await store.place({ model, service: origin.service, version: origin.version }, { signal, onProgress });
    return fetchReferences({ directory, config }, store, signal);
  };
}
