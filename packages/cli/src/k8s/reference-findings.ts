// What pods refer to and is not there: Secrets and ConfigMaps, whole or a key of them, the Services that the router's settings
// name, and the token without which it may not read their EndpointSlices.
import type { ClusterState, ItemsReference, Keyed, PodSpec, Reference, Workload } from './cluster-objects.ts';
import type { Finding } from './finding.ts';

interface Needed {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly keys: readonly string[];
}

export function referenceFindings(state: ClusterState): Finding[] {
  return [...missingObjects(state), ...routerFindings(state)];
}

function missingObjects({ workloads, secrets, configMaps, namespace }: ClusterState): Finding[] {
  const needers = new Map<string, string[]>();
  for (const { metadata, spec } of workloads) {
    for (const needed of neededBy(spec.template.spec)) {
      const there = needed.kind === 'Secret' ? secrets : configMaps;
      const lack = there === undefined ? undefined : lackOf(needed, there);
      if (lack === undefined) continue;
      const by = needers.get(lack) ?? [];
      if (!by.includes(metadata.name)) by.push(metadata.name);
      needers.set(lack, by);
    }
  }
  return [...needers].map(([lack, by]) => ({
    where: by.join(', '),
    what: lack,
    toDo: lack.startsWith('Secret')
      ? `node deploy/make-credentials.mjs, then kubectl -n ${namespace} apply -f credentials/secrets.yaml`
      : 'apply the overlay again: kubectl apply -k',
  }));
}

function lackOf({ kind, name, keys }: Needed, there: readonly Keyed[]): string | undefined {
  const found = there.find(({ metadata }) => metadata.name === name);
  if (found === undefined) return `${kind} ${name} is not there`;
  const missing = keys.filter((key) => !found.keys.includes(key));
  return missing.length === 0 ? undefined : `${kind} ${name} lacks ${missing.join(', ')}`;
}

function neededBy({ containers, initContainers = [], volumes = [] }: PodSpec): Needed[] {
  const needed: (Needed | undefined)[] = volumes.flatMap(({ configMap, secret, projected }) => [
    from('ConfigMap', configMap),
    from('Secret', secret === undefined ? undefined : { ...secret, name: secret.secretName ?? '' }),
    ...(projected?.sources ?? []).flatMap((source) => [
      from('ConfigMap', source.configMap),
      from('Secret', source.secret),
    ]),
  ]);
  for (const { envFrom = [], env = [] } of [...initContainers, ...containers]) {
    for (const { configMapRef, secretRef } of envFrom)
      needed.push(from('ConfigMap', configMapRef), from('Secret', secretRef));
    for (const { valueFrom } of env)
      for (const [kind, reference] of [
        ['ConfigMap', valueFrom?.configMapKeyRef],
        ['Secret', valueFrom?.secretKeyRef],
      ] as const)
        needed.push(from(kind, reference === undefined ? undefined : { ...reference, items: [reference] }));
  }
  return needed.filter((each) => each !== undefined);
}

function from(
  kind: Needed['kind'],
  reference: (Reference & Pick<ItemsReference, 'items'>) | undefined,
): Needed | undefined {
  if (reference?.name === undefined || reference.optional === true) return undefined;
  return { kind, name: reference.name, keys: (reference.items ?? []).map(({ key }) => key) };
}

function routerFindings({ workloads, configMaps, services }: ClusterState): Finding[] {
  const router = workloads.find(({ metadata }) => metadata.name === 'router');
  if (router === undefined) return [];
  const endpoints = settingOf('WEFT_ENDPOINTS', router, configMaps).split(',');
  const there = new Set(services.map(({ metadata }) => metadata.name));
  const named = endpoints.flatMap((text) => /^(?:dns|k8s):(?:\/\/\/)?([a-z0-9-]+):[^:]+$/.exec(text.trim())?.[1] ?? []);
  const findings: Finding[] = named
    .filter((service) => !there.has(service))
    .map((service) => ({
      where: 'router',
      what: `WEFT_ENDPOINTS names the Service ${service}, which is not there`,
      toDo: 'apply the overlay again, or take it out of WEFT_ENDPOINTS',
    }));
  const reads = endpoints.some((text) => text.trim().startsWith('k8s:'));
  if (reads && router.spec.template.spec.automountServiceAccountToken === false)
    findings.push({
      where: 'router',
      what: 'WEFT_ENDPOINTS has it read EndpointSlices (k8s:), and its pods have no token to do so',
      toDo: 'set automountServiceAccountToken: true in its pods, or use dns: in WEFT_ENDPOINTS',
    });
  return findings;
}

function settingOf(name: string, { spec }: Workload, configMaps: ClusterState['configMaps']): string {
  const sources = spec.template.spec.containers.flatMap(({ envFrom = [] }) =>
    envFrom.map((each) => each.configMapRef?.name),
  );
  const found = configMaps.find(({ metadata, settings }) => sources.includes(metadata.name) && name in settings);
  return found?.settings[name] ?? '';
}
