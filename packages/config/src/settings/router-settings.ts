// Settings of the router: which replicas it serves from, how it dials them, and how much it holds.
import { parseDnsServer, parseEndpointSource } from '../endpoint-source.ts';
import { MiB } from '../quantity.ts';
import { defineSettings, type SettingsOf } from '../setting.ts';

export const routerSettings = defineSettings({
  http: { kind: 'boolean', default: true, doc: 'Offer the REST form of the API too' },
  httpPort: { kind: 'port', default: 8000, doc: 'Port of REST, on the same address; 0 takes any free port' },
  endpoints: {
    kind: 'list',
    item: 'host:port, dns:host:port, srv:name or k8s:service:port',
    check: parseEndpointSource,
    doc: 'Replicas of the model services: one at host:port, one at each address of dns:host:port, one at each target of srv:name, one at each endpoint of the Kubernetes Service of k8s:service:port',
  },
  resolveInterval: {
    kind: 'duration',
    default: 5_000,
    minimum: 1_000,
    doc: 'How often the names of dns: and srv: are resolved again; sooner where a record lives shorter',
  },
  dnsServer: {
    kind: 'list',
    item: 'address:port',
    check: parseDnsServer,
    doc: 'DNS servers for those names, which are then taken as they are; by default those of the system, with its search list',
  },
  kubeconfig: {
    kind: 'path',
    doc: 'Kubeconfig that says where the Services of k8s: are; by default the cluster that the router is a pod of',
  },
  maxQueueSize: { kind: 'integer', default: 1024, minimum: 1, doc: 'Most requests that wait for one model version' },
  maxBatchBytes: {
    kind: 'bytes',
    default: 64 * MiB,
    minimum: 1,
    doc: 'Largest batch sent to a replica; never more than --max-message-bytes',
  },
  keepVersions: {
    kind: 'integer',
    default: 10,
    minimum: 1,
    doc: 'Pushed versions of a model that the event log keeps; a push drops the oldest beyond, but for those that serve',
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
