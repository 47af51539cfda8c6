// What batching across requests is worth on real models: the default models of three services, called through the router one
// request at a time and many together, in turns.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import type { ServiceQuestions } from '../children/answer-as-service.ts';
import type { ClientQuestions } from '../children/client.ts';
import type { RouterQuestions } from '../children/router.ts';
import type { Client } from '../overhead/measure-target.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { rounded } from '../statistics.ts';
import type { MeasuredCase, Throughput } from './measured-case.ts';
import { type RealCase, realCases } from './real-case.ts';
import { reportRealModels } from './report-real-models.ts';

export const realModelsBench: Bench = {
  name: 'real-models',
  about: 'throughput of the default models through the router: one request at a time, and many together',
  run: runRealModels,
};

async function runRealModels({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  const cases = await realCases();
  const folder = await createScratchFolder([]);
  const children = createChildGroup(profileDirectory);
  try {
    progress('starting nlp, vision, generator, router and client');
    const { dataDirectory } = folder;
    const addresses: string[] = [];
    // One after the other: loading keeps every core busy.
    for (const name of ['nlp', 'vision', 'generator'])
      addresses.push(await children.start<ServiceQuestions>(name).ask('start', { dataDirectory }));
    const address = await children.start<RouterQuestions>('router').ask('start', addresses);
    const client = children.start<ClientQuestions>('client');
    const measured: MeasuredCase[] = [];
    for (const one of cases) measured.push(await measureCase({ client, address, progress, quick }, one));
    return reportRealModels(measured);
  } finally {
    await children.stop();
    await folder.remove();
  }
}

interface Setting extends Pick<BenchOptions, 'progress' | 'quick'> {
  readonly client: Client;
  readonly address: string;
}

async function measureCase({ client, address, progress, quick }: Setting, one: RealCase): Promise<MeasuredCase> {
  const { name, unit, path, payload, together, aloneMs, togetherMs, check } = one;
  const measure = async (concurrency: number, durationMs: number): Promise<Throughput> => {
    const result = await client.ask('load', { address, path, payload, concurrency, durationMs });
    const { calls, failures, elapsedMs, p50Ms, p99Ms } = result;
    if (failures === 0) check(result.answer);
    const perSecond = rounded(((calls - failures) / elapsedMs) * 1000);
    return { perSecond, p50Ms: rounded(p50Ms), p99Ms: rounded(p99Ms), failures };
  };
  progress(`warming up: ${name}`);
  await measure(together, aloneMs / 2);
  const rounds: MeasuredCase['rounds'][number][] = [];
  const count = quick ? 1 : one.rounds;
  while (rounds.length < count) {
    progress(`${name}: round ${rounds.length + 1} of ${count}`);
    rounds.push({ alone: await measure(1, aloneMs), together: await measure(together, togetherMs) });
  }
  return { name, unit, together, rounds };
}
