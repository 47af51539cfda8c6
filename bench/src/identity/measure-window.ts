// One window of load over one way: what the client saw, and what it cost each process.
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { IdentityQuestions, WindowOptions } from '../children/identity-client.ts';
import type { ForkedChild } from '../forked-child.ts';
import type { Window } from './windows.ts';

export type Process = Pick<ForkedChild<ProcessQuestions>, 'ask'>;

export interface Mesh {
  readonly client: Pick<ForkedChild<IdentityQuestions>, 'ask'>;
  /** That a call keeps busy, beside the client. */
  readonly processes: Readonly<Record<string, Process>>;
}

export async function measureWindow({ client, processes }: Mesh, options: WindowOptions): Promise<Window> {
  const names = Object.keys(processes);
  const cpuUs = (): Promise<number[]> => Promise.all(Object.values(processes).map((each) => each.ask('cpuUs')));
  const before = await cpuUs();
  const { failures, elapsedMs, latenciesMs, right, cpuUs: clientUs } = await client.ask('window', options);
  const after = await cpuUs();
  const spent = names.map((name, at): [string, number] => [
    name,
    ((after[at] as number) - (before[at] as number)) / 1000,
  ]);
  if (failures === 0 && !right) throw new Error(`${options.way} gave back another tensor than it was given`);
  const cpuMs = { ...Object.fromEntries(spent), client: clientUs / 1000 };
  return { calls: latenciesMs.length, failures, elapsedMs, latenciesMs, cpuMs };
}
