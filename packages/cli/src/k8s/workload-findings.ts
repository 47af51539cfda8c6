// What is wrong with Deployments, StatefulSets and what they stand on: not there, not allowed to make pods, scaled to nothing, a NATS
// without its majority, claims without a volume, nodes that are gone.
import type { ClusterState, Workload } from './cluster-objects.ts';
import { type Finding, lastWarning, oneSentence } from './finding.ts';
import { isReady } from './placement-trouble.ts';

/** What every overlay has, beside model services. */
const expected = ['router', 'nats'];

export function workloadFindings(state: ClusterState): Finding[] {
  const { workloads, namespace } = state;
  if (workloads.length === 0)
    return [
      {
        where: `namespace ${namespace}`,
        what: 'nothing of weft is deployed there',
        toDo: 'kubectl apply -k deploy/k8s/overlays/cpu (docs/deploy.md), or name another one with --namespace',
      },
    ];
  const names = new Set(workloads.map(({ metadata }) => metadata.name));
  return [
    ...expected
      .filter((name) => !names.has(name))
      .map((name) => ({ where: name, what: 'is not deployed', toDo: 'apply the overlay again: kubectl apply -k' })),
    ...workloads.flatMap((workload) => findingsOf(workload, state)),
    ...claimFindings(state),
    ...nodeFindings(state),
  ];
}

function findingsOf(workload: Workload, { events }: ClusterState): Finding[] {
  const { metadata, spec, status } = workload;
  const where = metadata.name;
  const { replicas = 1 } = spec;
  if (replicas === 0)
    return [
      {
        where,
        what: 'is scaled to no replicas',
        toDo: `kubectl scale ${workload.kind.toLowerCase()}/${where} --replicas 1`,
      },
    ];
  const findings: Finding[] = [];
  const failure = status.conditions?.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True');
  // A Deployment's condition says so; of a StatefulSet only events do.
  const refused =
    failure?.message ??
    ((status.replicas ?? 0) < replicas ? lastWarning(events, { name: where, reasons: ['FailedCreate'] }) : undefined);
  if (refused !== undefined)
    findings.push({ where, what: `its pods are refused: ${oneSentence(refused)}`, toDo: refusalAdvice(refused) });
  const { readyReplicas = 0 } = status;
  const majority = Math.floor(replicas / 2) + 1;
  if (where === 'nats' && readyReplicas < majority)
    findings.push({
      where,
      what: `${readyReplicas} of ${replicas} servers are ready, ${majority} have to be: models serve on, and none can be changed`,
      toDo: 'mend its pods and their volumes',
    });
  return findings;
}

function refusalAdvice(message: string): string {
  if (/exceeded quota/.test(message)) return 'raise the ResourceQuota, or lower replicas and requests';
  if (/PodSecurity/.test(message)) return 'take out of your overlay what the namespace forbids';
  if (/PriorityClass/i.test(message)) return 'apply the overlay as somebody who may make PriorityClasses';
  if (/serviceaccount/i.test(message)) return 'apply the overlay again: kubectl apply -k';
  return 'see kubectl describe replicaset';
}

function claimFindings({ claims, events }: ClusterState): Finding[] {
  return claims
    .filter(({ status }) => status.phase !== 'Bound')
    .map(({ metadata, spec, status }) => {
      const reasons = ['ProvisioningFailed', 'FailedBinding', 'VolumeMismatch'];
      const why = oneSentence(lastWarning(events, { name: metadata.name, reasons }));
      const storageClass = spec.storageClassName ?? '';
      return {
        where: `claim ${metadata.name}`,
        what: `has no volume (${status.phase ?? 'unknown'}, ${storageClass === '' ? 'no storage class' : `storage class ${storageClass}`})${why === '' ? '' : `: ${why}`}`,
        toDo:
          storageClass === ''
            ? 'make a StorageClass the default, or name one in your overlay'
            : 'see whether its provisioner runs, or name another storage class in your overlay',
      };
    });
}

function nodeFindings({ nodes = [], pods }: ClusterState): Finding[] {
  return nodes
    .filter((node) => !isReady(node))
    .flatMap(({ metadata, status }) => {
      const here = pods.filter(({ spec }) => spec.nodeName === metadata.name).length;
      const why = oneSentence(status.conditions?.find(({ type }) => type === 'Ready')?.message);
      const what = `is not ready, with ${here} of weft's pods${why === '' ? '' : `: ${why}`}`;
      return here === 0 ? [] : [{ where: `node ${metadata.name}`, what, toDo: 'mend the node, or drain it' }];
    });
}
