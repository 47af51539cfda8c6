// Settings of the router: which replicas it serves from, how it dials them, and how much it holds.
import { parseEndpoint } from '../endpoint.ts';
import { MiB } from '../quantity.ts';
import { defineSettings, type SettingsOf } from '../setting.ts';

export const routerSettings = defineSettings({
  endpoints: { kind: 'list', item: 'host:port', check: parseEndpoint, doc: 'Replicas of the model services' },
  maxQueueSize: { kind: 'integer', default: 1024, minimum: 1, doc: 'Most requests that wait for one model' },
  maxBatchBytes: {
    kind: 'bytes',
    default: 64 * MiB,
    minimum: 1,
    doc: 'Largest batch sent to a replica; never more than --max-message-bytes',
  },
  executorTokenFile: { kind: 'path', doc: 'File that holds the bearer token shown to replicas' },
  executorTlsCa: {
    kind: 'path',
    doc: 'Certificate authorities of replicas (PEM); with it the router dials them by TLS',
  },
  executorTlsCert: { kind: 'path', doc: 'Certificate chain that the router shows to replicas (PEM)' },
  executorTlsKey: { kind: 'path', doc: 'Private key of that certificate (PEM)' },
});

export type RouterSettings = SettingsOf<typeof routerSettings>;
