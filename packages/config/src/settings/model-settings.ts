// Settings of the processes that load models.
import { defineSettings, type SettingsOf } from '../setting.ts';

/** Also the router's: the event log lies there. */
export const dataSettings = defineSettings({
  dataDirectory: {
    kind: 'path',
    default: '.weft',
    doc: 'Directory where the event log, pushed and converted models are kept',
  },
});

const loadSettings = defineSettings({
  modelRepository: { kind: 'list', item: 'directories', doc: 'Model repositories to serve beside the default models' },
  defaultModels: { kind: 'boolean', default: true, doc: 'Serve the default models' },
  executionProviders: {
    kind: 'list',
    item: 'names',
    default: ['cpu'],
    doc: 'Execution providers in order of preference, such as cuda,cpu; one that is missing is passed over',
  },
  intraOpThreads: {
    kind: 'integer',
    minimum: 1,
    maximum: 1024,
    doc: 'Threads of one instance; by default the cores are shared out among the instances of a model',
  },
  systemSharedMemory: {
    kind: 'boolean',
    default: false,
    doc: 'Let admins on this host register regions of its shared memory, for tensors of direct calls',
  },
  loadConcurrency: {
    kind: 'integer',
    default: 2,
    minimum: 1,
    maximum: 64,
    doc: 'How many models load at the same time',
  },
  loadTimeout: {
    kind: 'duration',
    default: 15 * 60_000,
    minimum: 0,
    doc: 'How long an instance may take to load and warm up; after that the load has failed, and makes room for others. 0 sets no limit',
  },
  streamGrace: {
    kind: 'duration',
    default: 5 * 60_000,
    minimum: 0,
    doc: 'How long the streams of a version that was replaced or unloaded may go on, and keep it in memory, before they end UNAVAILABLE; 0 sets no limit',
  },
});

export const modelSettings = { ...dataSettings, ...loadSettings };

export type ModelSettings = SettingsOf<typeof modelSettings>;
