// `npm:package/path` references of pushed models: files of the packages that are installed beside the service.
import { WeftError } from '@weft/errors';
import { locateInPackages } from '../locate-in-packages.ts';
import type { ArtifactSource } from './artifact-source.ts';
import { openLocalFile } from './open-local-file.ts';

export function npmSource(roots: readonly string[]): ArtifactSource {
  return {
    async open({ reference, fromByte }) {
      return openLocalFile(located(reference.slice('npm:'.length), roots), fromByte);
    },
  };
}

function located(path: string, roots: readonly string[]): string {
  try {
    return locateInPackages(path, roots);
  } catch (thrown) {
    if (!(thrown instanceof WeftError) || thrown.code !== 'INVALID_ARGUMENT') throw thrown;
    throw new WeftError('PERMISSION_DENIED', thrown.message, { cause: thrown });
  }
}
