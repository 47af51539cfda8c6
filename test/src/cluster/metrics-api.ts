// What prometheus-adapter is to a cluster, with one number that the checks choose: Kubernetes' custom metrics API, behind the API
// server, as HorizontalPodAutoscalers ask it.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import type { AppliedObject, ClusterClient } from './cluster-client.ts';

export interface MetricsApi {
  /** Of each Service, in thousandths. */
  value: number;
  readonly asked: ReadonlySet<string>;
  stop(): void;
}

const groupVersion = 'custom.metrics.k8s.io/v1beta2';

export async function startMetricsApi(client: ClusterClient): Promise<MetricsApi> {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', algorithm: 'sha256' });
  const asked = new Set<string>();
  const api: MetricsApi = { value: 0, asked, stop: () => server.close().closeAllConnections() };
  const server = createServer({ key: pair.private, cert: pair.cert }, (request, response) => {
    const path = new URL(request.url ?? '', 'https://localhost').pathname;
    const found = /\/namespaces\/([^/]+)\/services\/([^/]+)\/([^/]+)$/.exec(path);
    if (found !== null) asked.add(path);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(found === null ? resources : valueOf(found.slice(1), api.value)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const object of registration(port)) await client.apply(object);
  return api;
}

const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: [
    {
      name: 'services/weft_service_queue_seconds',
      namespaced: true,
      kind: 'MetricValueList',
      verbs: ['get'],
      singularName: '',
    },
  ],
};

const valueOf = ([namespace = '', name = '', metric = '']: readonly string[], value: number) => ({
  kind: 'MetricValueList',
  apiVersion: groupVersion,
  metadata: {},
  items: [
    {
      describedObject: { kind: 'Service', namespace, name, apiVersion: 'v1' },
      metric: { name: metric, selector: null },
      timestamp: new Date().toISOString(),
      value: `${value}m`,
    },
  ],
});

/** The API server asks a Service of this kind by its other name, here the machine itself. */
const registration = (port: number): AppliedObject[] =>
  [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'metrics-api', namespace: 'kube-system' },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta2.custom.metrics.k8s.io' },
      spec: {
        group: 'custom.metrics.k8s.io',
        version: 'v1beta2',
        service: { name: 'metrics-api', namespace: 'kube-system', port },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ] as unknown as AppliedObject[];
