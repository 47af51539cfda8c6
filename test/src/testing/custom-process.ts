// A custom service as a process of its own, so that it can be killed; it ends with the test.
import type { TestContext } from 'node:test';
import { temporaryFolder } from './author-models.ts';
import { endProcess, type StartedProcess, startProcess } from './start-process.ts';

export interface CustomProcess {
  readonly custom: StartedProcess;
  readonly address: string;
  /** URL of its metrics. */
  readonly metrics: string;
}

/** Resolves when its models are loaded. */
export async function startCustomProcess(t: TestContext, repository: string): Promise<CustomProcess> {
  const own = temporaryFolder();
  const folders = ['--no-default-models', '--model-repository', repository, '--data-directory', own.path];
  const custom = startProcess('custom', ['--port', '0', '--metrics-port', '0', ...folders]);
  // One after the other: hooks run in the order in which they were added, and who still runs still writes.
  t.after(async () => {
    await endProcess(custom);
    own.remove();
  });
  const { address, metrics } = await custom.logged('service.listening');
  await custom.logged('service.ready');
  return { custom, address: String(address), metrics: String(metrics) };
}
