import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from './cluster-objects.ts';
import {
  autoscaler,
  minutesAgo,
  node,
  pod,
  sibling,
  unready,
  waiting,
  warning,
  workload,
} from './testing/author-cluster.ts';
import { told } from './testing/told.ts';

const ofPods = (...pods: Pod[]): string[] => told({ pods });

test('nothing is said of a deployment that fares well, nor of pods that start, end or have ended', () => {
  assert.deepEqual(told({}), []);
  assert.deepEqual(
    ofPods(
      pod('nlp', { status: waiting('ContainerCreating'), created: minutesAgo(1) }),
      pod('nlp', { status: unready, deleted: minutesAgo(1) }),
      pod('train', { status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] } }),
    ),
    [],
  );
});

test('what whoever asks may not read is no finding', () => {
  assert.deepEqual(told({ secrets: undefined, nodes: undefined, everyPod: undefined }), []);
});

describe('a pod that does not run', () => {
  test('has failed, or should have ended', () => {
    assert.deepEqual(
      ofPods(
        pod('nlp', {
          status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
        }),
        pod('vision', { deleted: minutesAgo(9) }),
      ),
      ['pod nlp-1: has failed: The node was low on resource: memory', 'pod vision-1: should have ended and has not'],
    );
  });

  test('cannot get its image, whatever the kubelet calls that, and several are told as one', () => {
    const backOff = pod('nlp', { status: waiting('ImagePullBackOff', 'Back-off pulling image "weft:0.1.0-cpu"') });
    assert.deepEqual(ofPods(backOff, sibling(backOff, 2), pod('vision', { status: waiting('ErrImageNeverPull') })), [
      '2 pods of nlp: image weft:0.1.0-cpu cannot be pulled: Back-off pulling image "weft:0.1.0-cpu"',
      'pod vision-1: image weft:0.1.0-cpu cannot be pulled: ErrImageNeverPull',
    ]);
  });

  test('crashes, or is killed for its memory', () => {
    const ended = (exitCode: number, reason: string) => ({ terminated: { exitCode, reason } });
    assert.deepEqual(
      ofPods(
        pod('router', { status: waiting('CrashLoopBackOff', undefined, ended(1, 'Error')) }),
        pod('nlp', { status: waiting('CrashLoopBackOff', undefined, ended(137, 'OOMKilled')) }),
      ),
      [
        'pod router-1: ends again and again, with exit code 1',
        'pod nlp-1: is killed again and again for the memory it takes',
      ],
    );
  });

  test('cannot mount what it needs, or has been starting for long', () => {
    const creating = waiting('ContainerCreating');
    const events = [
      { ...warning('nlp-1', 'FailedMount', 'MountVolume.SetUp failed: older'), lastTimestamp: minutesAgo(2) },
      warning('nlp-1', 'FailedMount', 'MountVolume.SetUp failed:\n timed out.'),
      warning('vision-1', 'Scheduled', 'of another kind'),
    ];
    assert.deepEqual(told({ events, pods: [pod('nlp', { status: creating }), pod('vision', { status: creating })] }), [
      'pod nlp-1: does not start: MountVolume.SetUp failed: timed out',
      'pod vision-1: has been starting for 10 minutes',
    ]);
  });
});

test('a pod that runs and is not ready says what its probe answered', () => {
  const events = [
    warning('nlp-1', 'Unhealthy', 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")'),
  ];
  assert.deepEqual(told({ events, pods: [pod('nlp', { status: unready }), pod('router', { status: unready })] }), [
    'pod nlp-1: runs and is not ready: Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    'pod router-1: runs and is not ready',
  ]);
});

describe('what is referred to and is not there', () => {
  const volumes = [
    { projected: { sources: [{ secret: { name: 'weft-tls', items: [{ key: 'tls.crt' }, { key: 'tls.key' }] } }] } },
    { secret: { secretName: 'maybe', optional: true } },
    { configMap: { name: 'weft-files' } },
  ];
  const containers = [
    {
      name: 'weft',
      envFrom: [{ configMapRef: { name: 'weft-1' } }, { secretRef: { name: 'weft-keys' } }],
      env: [{ valueFrom: { secretKeyRef: { name: 'weft-seed', key: 'seed' } } }],
    },
  ];
  const workloads = [
    workload('router', { spec: { volumes, containers } }),
    workload('nlp', { spec: { volumes } }),
    workload('nats'),
  ];
  const keyed = (name: string, ...keys: string[]) => ({ metadata: { name }, keys });
  const settings = { WEFT_ENDPOINTS: 'k8s:nlp:8011, dns:gone:8021,k8s:///lost:grpc,10.0.0.1:8011,srv:_grpc._tcp.x' };
  const configMaps = [
    { ...keyed('weft-1'), settings },
    { ...keyed('weft-files'), settings: {} },
  ];

  test('is named with all who need it, whole or by its keys', () => {
    const secrets = [keyed('weft-tls', 'tls.crt'), keyed('weft-seed', 'seed')];
    assert.deepEqual(told({ workloads, secrets, configMaps: [] }), [
      'router, nlp: Secret weft-tls lacks tls.key',
      'router, nlp: ConfigMap weft-files is not there',
      'router: ConfigMap weft-1 is not there',
      'router: Secret weft-keys is not there',
    ]);
  });

  test('is not told again of the pods that wait for it', () => {
    const secrets = [keyed('weft-tls', 'tls.crt', 'tls.key'), keyed('weft-keys'), keyed('weft-seed', 'seed')];
    const waits = waiting('CreateContainerConfigError', 'secret "weft-keys" not found');
    const state = { workloads, configMaps: configMaps.slice(1), pods: [pod('router', { status: waits })] };
    assert.deepEqual(told({ ...state, secrets: secrets.filter(({ metadata }) => metadata.name !== 'weft-keys') }), [
      'router: ConfigMap weft-1 is not there',
      'router: Secret weft-keys is not there',
    ]);
    // Who may not read Secrets learns it from the pod.
    assert.deepEqual(told({ ...state, secrets: undefined }), [
      'router: ConfigMap weft-1 is not there',
      'pod router-1: container cannot be created: secret "weft-keys" not found',
    ]);
  });

  test('may be a Service of the router’s endpoints, or the token that it needs to follow them', () => {
    const spec = { containers, automountServiceAccountToken: false };
    const mesh = { workloads: [workload('router', { spec }), workload('nats')], configMaps, secrets: undefined };
    assert.deepEqual(told(mesh), [
      'router: WEFT_ENDPOINTS names the Service gone, which is not there',
      'router: WEFT_ENDPOINTS names the Service lost, which is not there',
      'router: WEFT_ENDPOINTS has it read EndpointSlices (k8s:), and its pods have no token to do so',
    ]);
  });
});

describe('a deployment', () => {
  test('is not there, or lacks what every mesh has', () => {
    assert.deepEqual(told({ workloads: [], pods: [] }), ['namespace weft: nothing of weft is deployed there']);
    assert.deepEqual(told({ workloads: [workload('nlp')] }), ['router: is not deployed', 'nats: is not deployed']);
  });

  test('is scaled to nothing, or may not make its pods', () => {
    const refused = {
      type: 'ReplicaFailure',
      status: 'True',
      message: 'pods "nlp-1" is forbidden: exceeded quota: weft.',
    };
    const workloads = [
      workload('router', { spec: { replicas: 0 } }),
      workload('nlp', { conditions: [refused], ready: 0 }),
      { ...workload('nats', { ready: 0 }), status: { replicas: 0, readyReplicas: 0 } },
    ];
    const events = [warning('nats', 'FailedCreate', 'pods "nats-0" is forbidden: violates PodSecurity "restricted"')];
    assert.deepEqual(told({ workloads, events }), [
      'router: is scaled to no replicas',
      'nlp: its pods are refused: pods "nlp-1" is forbidden: exceeded quota: weft',
      'nats: its pods are refused: pods "nats-0" is forbidden: violates PodSecurity "restricted"',
      'nats: 0 of 1 servers are ready, 1 have to be: models serve on, and none can be changed',
    ]);
  });

  test('has a NATS without its majority, claims without volumes, and nodes that are gone', () => {
    const nats = (ready: number) => [workload('router'), workload('nats', { spec: { replicas: 3 }, ready })];
    assert.deepEqual(told({ workloads: nats(2) }), []);
    const claims = [{ metadata: { name: 'nats-0' }, spec: {}, status: { phase: 'Pending' } }];
    const events = [warning('nats-0', 'FailedBinding', 'no persistent volumes available and no storage class is set')];
    const gone = node('node-1', { ready: 'False', message: 'Kubelet stopped posting node status.' });
    const nodes = [gone, node('node-2', { ready: 'False' })];
    assert.deepEqual(told({ workloads: nats(1), claims, events, nodes }), [
      'nats: 1 of 3 servers are ready, 2 have to be: models serve on, and none can be changed',
      'claim nats-0: has no volume (Pending, no storage class): no persistent volumes available and no storage class is set',
      "node node-1: is not ready, with 3 of weft's pods: Kubelet stopped posting node status",
    ]);
  });
});

describe('scaling', () => {
  test('needs whoever serves the metrics that it asks for', () => {
    const autoscalers = [autoscaler('Resource'), autoscaler('Object')];
    assert.deepEqual(told({ autoscalers }), [
      'autoscaling: nothing serves metrics.k8s.io: replicas do not follow processor time',
      'autoscaling: nothing serves custom.metrics.k8s.io: replicas do not follow the time that requests wait',
    ]);
    assert.deepEqual(told({ autoscalers, groups: ['metrics.k8s.io', 'custom.metrics.k8s.io'] }), []);
    assert.deepEqual(told({ quotas: [{ metadata: { name: 'weft' } }] }), [
      'metrics: the cluster knows no ServiceMonitor and no PrometheusRule: nothing collects metrics, and nobody is alerted',
    ]);
  });

  test('has no value, cannot scale, or wants more than it may', () => {
    const groups = ['metrics.k8s.io'];
    const scaled = (condition: string, reason: string, message: string) => {
      const [type = '', status = ''] = condition.split(' is ');
      return told({ groups, autoscalers: [autoscaler('Resource', [{ type, status, reason, message }])] });
    };
    assert.deepEqual(scaled('ScalingActive is False', 'FailedGetResourceMetric', 'no metrics returned'), [
      'autoscaler nlp: gets no metric: no metrics returned',
    ]);
    assert.deepEqual(scaled('ScalingActive is False', 'ScalingDisabled', 'scaled to 0'), []);
    assert.deepEqual(scaled('AbleToScale is False', 'FailedGetScale', 'not found'), [
      'autoscaler nlp: cannot scale: not found',
    ]);
    assert.deepEqual(scaled('ScalingLimited is True', 'TooManyReplicas', 'more than the maximum'), [
      'autoscaler nlp: wants more than its 8 replicas',
    ]);
    assert.deepEqual(scaled('ScalingLimited is True', 'TooFewReplicas', 'less than the minimum'), []);
  });
});
