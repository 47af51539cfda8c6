// A router and a service to be fuzzed, each a process of its own, whose memory and open files are looked at from outside.
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { writeHostileRepository } from '../hostile/hostile-mesh.ts';
import { identity, temporaryFolder, writeModel } from '../testing/author-models.ts';
import { type Dialled, dial } from '../testing/dial.ts';
import { scrape } from '../testing/scrape.ts';
import { endProcess, type StartedProcess, startEntry, startProcess } from '../testing/start-process.ts';

export interface FuzzMesh {
  readonly client: Dialled;
  readonly httpAddress: string;
  readonly processes: Readonly<Record<'router' | 'service', StartedProcess>>;
  /** Calls that nobody has answered yet, over both processes. */
  inflight(): Promise<number>;
}

/** Everything is ended when the test is over. */
export async function startFuzzMesh(t: TestContext): Promise<FuzzMesh> {
  const folder = temporaryFolder();
  const ends: (() => Promise<void> | void)[] = [() => folder.remove()];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const repository = `${folder.path}/models`;
  // Many a sequence is begun and never ended.
  const settings = 'max_sequence_idle_microseconds: 50000 oldest { max_candidate_sequences: 2000 }';
  await writeHostileRepository(repository, settings);
  await writeModel(repository, 'lengths', {
    graph: identity('FP32', ['rows', 1]),
    config: 'max_batch_size: 8 parameters { key: "weft.task" value { string_value: "lengths" } }',
  });
  const args = ['--port=0', '--metrics-port=0', '--data-directory', folder.path];
  const service = startEntry(new URL('./fuzz-service.js', import.meta.url), [
    ...args,
    '--no-default-models',
    `--model-repository=${repository}`,
  ]);
  ends.push(() => endProcess(service));
  const { address: endpoint, metrics: serviceMetrics } = await service.logged('service.listening');
  await service.logged('service.ready');
  const router = startProcess('router', [...args, '--http-port=0', '--endpoints', String(endpoint)]);
  ends.push(() => endProcess(router));
  const { address, http, metrics: routerMetrics } = await router.logged('router.listening');
  await router.logged('replica.connected');
  const client = dial(String(address));
  ends.push(() => client.close());
  const scrapes = [serviceMetrics, routerMetrics].map(String);
  return {
    client,
    httpAddress: String(http),
    processes: { router, service },
    async inflight() {
      const counts = await Promise.all(scrapes.map(async (url) => (await scrape(url)).sum('weft_requests_inflight')));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** Resident memory, MiB. */
export function residentMiB({ pid }: StartedProcess): number {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

export function openFiles({ pid }: StartedProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
