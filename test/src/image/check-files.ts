// Dockerfiles, their script and compose.yaml before anything is built of them.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from '../conformance/run-client.ts';
import type { CheckList } from '../testing/check-list.ts';
import { type ComposeModel, readCompose } from './compose-model.ts';
import { dockerfileOf, flavours, root } from './dockerfiles.ts';
import { composeProgram, linters, type Progress } from './programs.ts';

export interface FileChecks {
  readonly list: CheckList;
  /** Where credentials are made, and deploy/ is copied to. */
  readonly folder: string;
  readonly progress: Progress;
}

/** Resolves with what compose.yaml means. Throws ForeignMissing where a program cannot be had. */
export async function checkFiles({ list, folder, progress }: FileChecks): Promise<ComposeModel> {
  const { hadolint, shellcheck } = await linters(progress);
  const quiet = async (command: string, args: readonly string[]): Promise<void> => {
    await output({ command, args, timeoutMs: 60_000, cwd: root });
  };
  for (const file of flavours.map(dockerfileOf)) {
    const strictly = ['--failure-threshold', 'style', '--disable-ignore-pragma', file];
    await list.check(`hadolint finds nothing in ${file}`, () => quiet(hadolint, strictly));
  }
  await list.check('shellcheck finds nothing in deploy/docker/build.sh', () =>
    quiet(shellcheck, ['--severity=style', 'deploy/docker/build.sh']),
  );
  const script = fileURLToPath(new URL('../../../deploy/make-credentials.mjs', import.meta.url));
  await quiet(process.execPath, [script, '--out', join(folder, 'credentials')]);
  const model = await readCompose(await composeProgram(progress), folder);
  await list.check('compose.yaml means something to the reader of the Compose Specification', async () => {
    const names = Object.keys(model.services).sort();
    if (names.join() !== 'custom,generator,nats,nlp,router,vision') throw new Error(`services: ${names.join()}`);
  });
  return model;
}
