// What is a larger batch worth? The time of a batch of every default model, by its size: s(b), which the scheduler lives
// off. Each service runs in a process of its own with all its models, each model in its instance's worker on the default
// number of threads, and batches arrive on an Attach stream, as from a router.
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import type { ModelServiceName, ModelServiceQuestions } from '../children/model-service.ts';
import { forkChild } from '../forked-child.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { attachModel, replicaModels } from './attached-replica.ts';
import { measureModel } from './measure-model.ts';
import { realRequests } from './real-requests.ts';
import { type ProfiledModel, reportProfile } from './report-profile.ts';

const services: readonly ModelServiceName[] = ['nlp', 'vision', 'generator'];
const budgetMs = 8_000;

export const profileBench: Bench = {
  name: 'profile',
  about: 'the time of a batch of every default model by its size, and what larger batches gain',
  run: runProfile,
};

async function runProfile(options: BenchOptions): Promise<BenchReport> {
  const folder = await createScratchFolder([]);
  const models: ProfiledModel[] = [];
  const unmeasured: string[] = [];
  try {
    for (const service of services) {
      const measured = await profileService(service, folder.dataDirectory, options);
      models.push(...measured.models);
      unmeasured.push(...measured.unmeasured);
    }
  } finally {
    await folder.remove();
  }
  return reportProfile(models, unmeasured);
}

interface ProfiledService {
  readonly models: ProfiledModel[];
  /** Why there are no figures of a model. */
  readonly unmeasured: string[];
}

async function profileService(
  service: ModelServiceName,
  dataDirectory: string,
  { progress, profileDirectory }: BenchOptions,
): Promise<ProfiledService> {
  const entry = new URL('../children/model-service.js', import.meta.url);
  const child = forkChild<ModelServiceQuestions>(entry, { name: service, profileDirectory });
  const measured: ProfiledService = { models: [], unmeasured: [] };
  try {
    progress(`starting ${service}`);
    const address = await child.ask('start', { service, dataDirectory });
    for (const model of await replicaModels(address)) {
      progress(`${model.name}, batches of up to ${model.maxBatchSize}`);
      const profiled = await profileModel(address, model);
      if (typeof profiled === 'string') measured.unmeasured.push(`${model.name}: ${profiled}`);
      else measured.models.push({ service, ...profiled });
    }
  } finally {
    await child.stop();
  }
  return measured;
}

/** The figures, or why there are none. */
async function profileModel(
  address: string,
  { name, version, state, reason, methods, placements, maxBatchSize }: ModelVersion__Output,
): Promise<Omit<ProfiledModel, 'service'> | string> {
  if (state !== 'MODEL_STATE_READY') return `${state}: ${reason}`;
  const requests = await realRequests(methods);
  if (requests === undefined) return `no request is known for ${methods.join(', ')}`;
  const attached = attachModel(address, name, version);
  try {
    const options = { ...requests, maxRows: maxBatchSize, budgetMs, now: () => performance.now() };
    const { sizes, tooSlow } = await measureModel(attached, options);
    const provider = placements[0]?.provider ?? '';
    return { name, method: requests.method, provider, maxRows: maxBatchSize, sizes, tooSlow };
  } finally {
    attached.close();
  }
}
