// What stands beside the overlays: the volumes for models, which a reader lays over one, and the Job that publishes one.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type KubernetesObject, selectorOf, selects, workloads } from './kubernetes-object.ts';
import { buildJob, buildOverlay, buildWith, findKustomize, overlays } from './overlays.ts';
import { restrictedFindings } from './pod-security.ts';

const kustomize = await findKustomize();
const skip = kustomize === undefined ? 'SKIPPED: no kubectl on PATH that builds kustomizations' : false;
const services = ['custom', 'generator', 'nlp', 'vision'];
const ofKind = (objects: readonly KubernetesObject[], kind: string) => objects.filter((object) => object.kind === kind);
const gibibytes = (text = ''): number => Number(/^(\d+)Gi$/.exec(text)?.[1]);

describe('volumes for models', { skip }, () => {
  const built = new Map<string, KubernetesObject[]>();
  before(async () => {
    if (kustomize === undefined) return;
    for (const overlay of overlays) built.set(overlay, await buildWith(kustomize, overlay, 'artifact-volume'));
  });

  for (const overlay of overlays) {
    test(`every model service has a claim of its own, which all its replicas may mount, and room for it: ${overlay}`, () => {
      const objects = built.get(overlay) ?? [];
      const claims = new Map(ofKind(objects, 'PersistentVolumeClaim').map((one) => [one.metadata.name, one.spec]));
      const mounted = workloads(objects).flatMap(({ name, pod }) =>
        (pod.volumes ?? []).flatMap(({ persistentVolumeClaim, ...volume }) => {
          if (persistentVolumeClaim === undefined) return [];
          assert.deepEqual(Object.keys(volume), ['name'], `${name} has one volume of that name`);
          const mount = pod.containers[0]?.volumeMounts?.find((one) => one.name === volume.name);
          assert.equal(mount?.mountPath, '/var/lib/weft');
          return [[name, persistentVolumeClaim.claimName]];
        }),
      );
      assert.deepEqual(
        mounted.sort(),
        services.map((name) => [name, `${name}-state`]),
      );
      for (const [, claim] of mounted) assert.deepEqual(claims.get(String(claim))?.accessModes, ['ReadWriteMany']);
      const own = [...claims.values()].map((spec) => gibibytes(spec?.resources?.requests?.['storage']));
      const nats = ofKind(objects, 'StatefulSet').flatMap(({ spec }) =>
        (spec?.volumeClaimTemplates ?? []).flatMap((template) =>
          Array.from({ length: spec?.replicas ?? 0 }, () => gibibytes(template.spec.resources?.requests?.['storage'])),
        ),
      );
      const all = [...own, ...nats];
      for (const { spec } of ofKind(objects, 'ResourceQuota')) {
        assert.ok(Number(spec?.hard?.['persistentvolumeclaims']) >= all.length);
        assert.ok(gibibytes(spec?.hard?.['requests.storage']) >= all.reduce((sum, size) => sum + size, 0));
      }
      for (const { name, pod } of workloads(objects)) assert.deepEqual(restrictedFindings(pod), [], name);
    });
  }

  test('without them what a pod keeps on its node has a limit', async () => {
    assert.ok(kustomize !== undefined);
    for (const { kind, name, pod } of workloads(await buildOverlay(kustomize, 'production'))) {
      const limits = (pod.volumes ?? []).flatMap(({ emptyDir }) =>
        emptyDir === undefined ? [] : [emptyDir.sizeLimit],
      );
      if (kind === 'Deployment') assert.deepEqual(limits, ['20Gi', '2Gi'], name);
    }
  });
});

describe('the Job that publishes a model', { skip }, () => {
  let objects: KubernetesObject[] = [];
  const job = () => {
    const [only] = workloads(objects);
    assert.ok(only !== undefined && only.kind === 'Job');
    return only;
  };
  before(async () => {
    if (kustomize !== undefined) objects = await buildJob(kustomize, 'publish-model');
  });

  test('is restricted, read-only and mounts no token of the API', () => {
    const { pod } = job();
    assert.deepEqual(restrictedFindings(pod), []);
    assert.equal(pod.automountServiceAccountToken, false);
    for (const { name, securityContext } of [...pod.containers, ...(pod.initContainers ?? [])])
      assert.equal(securityContext?.readOnlyRootFilesystem, true, name);
    for (const { metadata } of objects) assert.equal(metadata.namespace, 'weft');
  });

  test('asks for a GPU where the model is made, on a node that has one, and shows its token only where it is published', () => {
    const { pod } = job();
    const gpus = ({ resources }: (typeof pod.containers)[number]) => resources?.limits?.['nvidia.com/gpu'];
    const [make] = pod.initContainers ?? [];
    const [publish] = pod.containers;
    assert.ok(make !== undefined && publish !== undefined);
    assert.deepEqual([gpus(make), gpus(publish)], ['1', undefined]);
    assert.deepEqual([make.env, publish.env?.map(({ name }) => name)], [undefined, ['WEFT_TOKEN']]);
    assert.equal(pod.nodeSelector?.['nvidia.com/gpu.present'], 'true');
    assert.equal(pod.tolerations?.[0]?.key, 'nvidia.com/gpu');
  });

  test('may reach the routers, where these listen, and nobody else', async () => {
    assert.ok(kustomize !== undefined);
    const policies = ofKind(objects, 'NetworkPolicy').filter((policy) => selects(selectorOf(policy), job().labels));
    const rules = policies.flatMap(({ spec }) => spec?.egress ?? []);
    const pods = workloads(await buildOverlay(kustomize, 'production'));
    const reached = pods.filter(({ labels }) =>
      rules.some(({ to }) => to?.some(({ podSelector }) => selects(podSelector?.matchLabels ?? {}, labels))),
    );
    assert.deepEqual(
      reached.map(({ name }) => name),
      ['router'],
    );
    const port = reached[0]?.pod.containers[0]?.ports?.find(({ name }) => name === rules[0]?.ports?.[0]?.port);
    assert.ok(job().pod.containers[0]?.args?.includes(`router:${port?.containerPort}`));
  });
});
