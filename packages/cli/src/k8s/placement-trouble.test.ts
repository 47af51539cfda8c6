import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterState, Pod, PodSpec } from './cluster-objects.ts';
import { diagnose } from './diagnose.ts';
import { healthy, homeless, node, now, pod, sibling } from './testing/author-cluster.ts';
import { told } from './testing/told.ts';

describe('a pod that finds no node', () => {
  test('says why in the words of the scheduler, and what to do about each', () => {
    const advised = (message: string) =>
      diagnose(healthy({ pods: [homeless('nlp', message)] }), Date.parse(now)).map(({ what, toDo }) => [what, toDo]);
    assert.deepEqual(advised('0/3 nodes are available: 3 Insufficient cpu.'), [
      [
        'finds no node: 0/3 nodes are available: 3 Insufficient cpu',
        'add nodes, or lower what it requests in your overlay',
      ],
    ]);
    assert.match(String(advised('3 node(s) had untolerated taint(s)')), /take the taint from a node/);
    assert.match(String(advised("3 node(s) didn't match Pod's node affinity/selector")), /label a node/);
    assert.match(String(advised("3 node(s) didn't match pod topology spread constraints")), /stand apart/);
    assert.match(String(advised('pod has unbound immediate PersistentVolumeClaims')), /see the claim/);
    assert.match(String(advised('something new')), /describe pod/);
  });

  const gpu = (spec: Partial<PodSpec> = {}, resource = 'nvidia.com/gpu') =>
    homeless('nlp', '0/2 nodes are available: 2 Insufficient nvidia.com/gpu.', {
      containers: [{ name: 'weft', resources: { limits: { [resource]: '1' } } }],
      nodeSelector: { 'nvidia.com/gpu.present': 'true' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
      ...spec,
    });
  const present = { 'nvidia.com/gpu.present': 'true' };
  const gpuNode = (more: Parameters<typeof node>[1] = {}) =>
    node('gpu-a', { gpus: { 'nvidia.com/gpu': '2' }, labels: present, ...more });
  const holder = (number: number): Pod =>
    sibling(
      pod('other', {
        spec: { nodeName: 'gpu-a', containers: [{ name: 'x', resources: { limits: { 'nvidia.com/gpu': '1' } } }] },
      }),
      number,
    );
  const why = (nodes: ClusterState['nodes'], everyPod: ClusterState['everyPod'] = [], waits = gpu()): string =>
    told({ pods: [waits], nodes, everyPod })
      .join('\n')
      .replace('pod nlp-1: finds no node: ', '');

  test('because there is no GPU, or none of that kind, or nobody offers it', () => {
    assert.equal(why([node('a'), node('b')]), 'no node of the cluster has a GPU (nvidia.com/gpu)');
    assert.equal(
      why([gpuNode()], [], gpu({}, 'nvidia.com/gpu.shared')),
      'no node offers nvidia.com/gpu.shared; there is nvidia.com/gpu',
    );
    assert.equal(why([gpuNode({ gpus: {} })]), 'no node offers nvidia.com/gpu, though gpu-a has a GPU by the label');
    assert.equal(
      why([gpuNode({ gpus: { 'nvidia.com/gpu': '0' }, labels: {} })]).slice(0, 31),
      'no node offers nvidia.com/gpu; ',
    );
  });

  test('because it may not go where GPUs are', () => {
    assert.equal(
      why([gpuNode({ labels: {} })]),
      'no node with nvidia.com/gpu carries the label nvidia.com/gpu.present=true',
    );
    const taints = [
      { key: 'soft', effect: 'PreferNoSchedule' },
      { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' },
      { key: 'team', value: 'other', effect: 'NoExecute' },
    ];
    assert.equal(
      why([gpuNode({ spec: { taints } })]),
      'every node with nvidia.com/gpu has a taint that it does not tolerate: team=other:NoExecute',
    );
    const tolerant = gpu({ tolerations: [{ operator: 'Exists' }] });
    assert.match(why([gpuNode({ spec: { taints } })], [], tolerant), /^0\/2 nodes/);
    assert.equal(
      why([gpuNode({ spec: { unschedulable: true } })]),
      'every node with nvidia.com/gpu is cordoned or not ready: gpu-a',
    );
  });

  test('because all GPUs are taken, by pods that still hold them', () => {
    assert.equal(why([gpuNode()], [holder(1), holder(2)]), 'all 2 nvidia.com/gpu of gpu-a are taken');
    const over = { ...holder(2), status: { phase: 'Succeeded' } };
    // One is free: what else is wrong the scheduler knows.
    for (const pods of [[holder(1)], [holder(1), over], undefined])
      assert.equal(
        why([gpuNode()], pods),
        pods === undefined ? why([gpuNode()], undefined) : '0/2 nodes are available: 2 Insufficient nvidia.com/gpu',
      );
  });
});
