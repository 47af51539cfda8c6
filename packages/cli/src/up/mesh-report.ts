// What runs where, as `weft up` tells it: one table of endpoints, one of models.
import { resolve } from 'node:path';
import type { ModelReport, RunningService } from '@weft/dispatch';
import { formatTable } from '../format/format-table.ts';
import type { Mesh } from './start-mesh.ts';
import type { UpSettings } from './up-settings.ts';

export interface ServedModel extends ModelReport {
  readonly service: string;
}

export function formatEndpoints({ router, services }: Pick<Mesh, 'router' | 'services'>): string {
  return formatTable(
    [{ title: 'SERVICE' }, { title: 'GRPC' }, { title: 'HTTP' }, { title: 'METRICS' }],
    [router, ...services].map(({ name, grpcAddress, httpAddress, metricsAddress }) => [
      name,
      grpcAddress,
      httpAddress ?? '',
      metricsAddress ?? '',
    ]),
  );
}

export function formatServedModels(models: readonly ServedModel[]): string {
  if (models.length === 0) return 'no models';
  return formatTable(
    [
      { title: 'MODEL' },
      { title: 'VERSION' },
      { title: 'SERVICE' },
      { title: 'STATE' },
      { title: 'RUNS ON' },
      { title: 'NOTE' },
    ],
    models.map(({ name, version, service, state, placements, reason }) => [
      name,
      version,
      service,
      state,
      counted(placements.map((placement) => placement.provider)),
      [reason, ...new Set(placements.map((placement) => placement.fallbackReason))].filter(Boolean).join('; '),
    ]),
  );
}

/** Where what is pushed is kept: a start from another folder has another data directory. */
export function formatKeeping({ dataDirectory, nats }: Pick<UpSettings, 'dataDirectory' | 'nats'>): string {
  const log = nats.length === 0 ? '' : `; event log on ${nats.join(', ')}`;
  return `data directory ${resolve(dataDirectory)}${log}`;
}

/** `cpu`, or `cpu ×2, cuda` where there are several instances. */
function counted(providers: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const provider of providers) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  return [...counts].map(([provider, count]) => (count === 1 ? provider : `${provider} ×${count}`)).join(', ');
}

export function endpointsJson({ router, services }: Pick<Mesh, 'router' | 'services'>): object[] {
  return [router, ...services].map(({ name, grpcAddress, httpAddress, metricsAddress }: RunningService) => ({
    name,
    grpc: grpcAddress,
    ...(httpAddress === undefined ? {} : { http: httpAddress }),
    metrics: metricsAddress ?? null,
  }));
}
