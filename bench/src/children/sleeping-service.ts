// The custom service with a worker of the bench's own, whose models sleep instead of computing (sleeping-worker.ts). It keeps
// what they ran until it is asked.
import { BroadcastChannel } from 'node:worker_threads';
import { readSettings } from '@weft/config';
import { customSettings } from '@weft/custom';
import { startModelService } from '@weft/runtime/service';
import { batchChannel, type SleptBatch } from '../goodput/slept-batch.ts';
import { answerAsService, type ServiceQuestions } from './answer-as-service.ts';

export type SleepingServiceQuestions = ServiceQuestions & {
  /** The batches that were run since the last time it was asked. */
  takeBatches(): SleptBatch[];
};

const batches: SleptBatch[] = [];
const channel = new BroadcastChannel(batchChannel);
channel.onmessage = (event) => batches.push((event as Record<'data', SleptBatch>).data);
channel.unref();

const takeBatches = (): SleptBatch[] => batches.splice(0);

answerAsService(
  'sleeping',
  (argv, telemetry) =>
    startModelService({
      name: 'custom',
      workerEntry: new URL('./sleeping-worker.js', import.meta.url),
      defaults: undefined,
      typedServices: [],
      defaultRepository: '',
      npmRoots: [],
      settings: readSettings(customSettings, { argv, env: {} }),
      telemetry,
    }),
  { takeBatches } satisfies Pick<SleepingServiceQuestions, 'takeBatches'>,
);
