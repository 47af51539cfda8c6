// One target of the overhead bench under load for a while: what the client saw, and what it cost each process.
import type { ProcessQuestions } from '../children/answer-parent.ts';
import type { ClientQuestions, LoadOptions, LoadResult } from '../children/client.ts';
import type { ForkedChild } from '../forked-child.ts';
import { rounded } from '../statistics.ts';

export type Process = Pick<ForkedChild<ProcessQuestions>, 'ask'>;

export interface Target {
  readonly name: string;
  readonly address: string;
  readonly path: string;
  /** The processes that a call keeps busy, beside the client. */
  readonly processes: Readonly<Record<string, Process>>;
  readonly isAnswer: (answer: Uint8Array) => boolean;
}

export interface Measure {
  readonly calls: number;
  readonly failures: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds for one call, of each process by its name. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

export type Client = ForkedChild<ClientQuestions & ProcessQuestions>;
export type Load = Pick<LoadOptions, 'payload' | 'concurrency' | 'durationMs'>;

export async function measureTarget(client: Client, target: Target, load: Load): Promise<Measure> {
  const { address, path } = target;
  const processes: [string, Process][] = [['client', client], ...Object.entries(target.processes)];
  const cpuUs = (): Promise<number[]> => Promise.all(processes.map(([, each]) => each.ask('cpuUs')));
  const before = await cpuUs();
  const result: LoadResult = await client.ask('load', { address, path, ...load });
  const after = await cpuUs();
  const { calls, failures, elapsedMs, answer } = result;
  if (failures === 0 && !target.isAnswer(answer)) throw new Error(`${target.name} gave a wrong answer`);
  const costs = processes.map(([name], at) => [
    name,
    rounded(((after[at] as number) - (before[at] as number)) / calls),
  ]);
  return {
    calls,
    failures,
    callsPerSecond: rounded((calls / elapsedMs) * 1000),
    p50Ms: rounded(result.p50Ms),
    p99Ms: rounded(result.p99Ms),
    cpuUs: Object.fromEntries(costs) as Record<string, number>,
  };
}
