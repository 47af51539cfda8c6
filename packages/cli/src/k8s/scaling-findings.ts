// What keeps replicas from following the load, and figures from being kept: HorizontalPodAutoscalers that get no metric or may not
// add more, and API groups that somebody else has to bring into the cluster.
import type { Autoscaler, ClusterState } from './cluster-objects.ts';
import { type Finding, oneSentence } from './finding.ts';

const metricsGroup = { cpu: 'metrics.k8s.io', queue: 'custom.metrics.k8s.io' } as const;

export function scalingFindings(state: ClusterState): Finding[] {
  return [...missingGroups(state), ...state.autoscalers.flatMap(findingsOf)];
}

function missingGroups({ groups, autoscalers, quotas }: ClusterState): Finding[] {
  const uses = (kind: string): boolean =>
    autoscalers.some(({ spec }) => spec.metrics?.some(({ type }) => type === kind) === true);
  const findings: Finding[] = [];
  const where = 'autoscaling';
  if (uses('Resource') && !groups.includes(metricsGroup.cpu))
    findings.push({
      where,
      what: `nothing serves ${metricsGroup.cpu}: replicas do not follow processor time`,
      toDo: 'install the metrics server',
    });
  if (uses('Object') && !groups.includes(metricsGroup.queue))
    findings.push({
      where,
      what: `nothing serves ${metricsGroup.queue}: replicas do not follow the time that requests wait`,
      toDo: 'install prometheus-adapter with deploy/k8s/components/production/prometheus-adapter.yaml',
    });
  // The overlays for production, and they alone, bring a quota along with monitors.
  if (quotas.length > 0 && !groups.includes('monitoring.coreos.com'))
    findings.push({
      where: 'metrics',
      what: 'the cluster knows no ServiceMonitor and no PrometheusRule: nothing collects metrics, and nobody is alerted',
      toDo: 'install the Prometheus Operator, then apply the overlay again',
    });
  return findings;
}

function findingsOf({ metadata, spec, status }: Autoscaler): Finding[] {
  const where = `autoscaler ${metadata.name}`;
  const conditions = status?.conditions ?? [];
  const is = (type: string, value: string) => conditions.find((each) => each.type === type && each.status === value);
  const inactive = is('ScalingActive', 'False');
  // Scaled to nothing by somebody, which is told of the Deployment.
  if (inactive !== undefined && inactive.reason !== 'ScalingDisabled')
    return [
      {
        where,
        what: `gets no metric: ${oneSentence(inactive.message) || inactive.reason}`,
        toDo: 'see whether the metrics server and prometheus-adapter answer: kubectl get apiservices',
      },
    ];
  const unable = is('AbleToScale', 'False');
  if (unable !== undefined)
    return [{ where, what: `cannot scale: ${oneSentence(unable.message)}`, toDo: 'see kubectl describe hpa' }];
  if (is('ScalingLimited', 'True')?.reason !== 'TooManyReplicas') return [];
  return [
    {
      where,
      what: `wants more than its ${spec.maxReplicas} replicas`,
      toDo: 'raise maxReplicas in your overlay, and see that nodes have room',
    },
  ];
}
