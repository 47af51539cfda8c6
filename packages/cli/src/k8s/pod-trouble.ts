// What is wrong with one pod, the nearest cause first: it has failed, it finds no node, a container does not start, ends again and
// again, or runs and is not ready.
import type { ClusterState, ContainerStatus, Pod, Terminated } from './cluster-objects.ts';
import { lastWarning, oneSentence, type Trouble, workloadOf } from './finding.ts';
import { placementTrouble } from './placement-trouble.ts';

/** A pod that takes longer is in trouble; until then it starts, or ends. */
const patienceMs = 2 * 60_000;

/** `nowMs` is on the clock of the cluster's timestamps. */
export function podTrouble(pod: Pod, state: ClusterState, nowMs: number): Trouble | undefined {
  const { metadata, status } = pod;
  const since = (time: string | undefined): number => nowMs - (Date.parse(time ?? '') || nowMs);
  if (metadata.deletionTimestamp !== undefined) {
    if (since(metadata.deletionTimestamp) < patienceMs) return undefined;
    return {
      what: 'should have ended and has not',
      toDo: 'see whether its node still answers; kubectl delete pod --force forgets it',
    };
  }
  if (status.phase === 'Succeeded') return undefined;
  if (status.phase === 'Failed')
    return {
      what: `has failed: ${oneSentence(status.message) || status.reason || 'a container ended'}`,
      toDo: 'another one takes its place; kubectl delete pod removes it from sight',
    };
  const placement = placementTrouble(pod, state);
  if (placement !== undefined) return placement;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const container of containers) {
    const trouble = containerTrouble(container, pod, state.namespace);
    if (trouble !== undefined) return trouble;
  }
  const waits = containers.length === 0 || containers.some(({ state: now }) => now?.waiting !== undefined);
  if (waits) return creationTrouble(pod, state, since(metadata.creationTimestamp));
  return readinessTrouble(pod, state);
}

function containerTrouble(container: ContainerStatus, pod: Pod, namespace: string): Trouble | undefined {
  const { reason = '', message } = container.state?.waiting ?? {};
  const image = container.image ?? pod.spec.containers.find(({ name }) => name === container.name)?.image ?? '';
  switch (reason) {
    case 'ImagePullBackOff':
    case 'ErrImagePull':
    case 'ErrImageNeverPull':
    case 'InvalidImageName':
      return {
        what: `image ${image} cannot be pulled: ${oneSentence(message) || reason}`,
        toDo: 'push the image, load it into the cluster, or name the right one under images: in your overlay',
      };
    case 'CrashLoopBackOff':
      return crash(container.lastState?.terminated, pod, namespace);
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      return {
        what: `container cannot be created: ${oneSentence(message) || reason}`,
        toDo: 'make what it names, as docs/deploy.md tells; the pod then starts by itself',
      };
    default:
      return undefined;
  }
}

function crash(ended: Terminated | undefined, pod: Pod, namespace: string): Trouble {
  if (ended?.reason === 'OOMKilled')
    return {
      what: 'is killed again and again for the memory it takes',
      toDo: 'raise its memory limit in your overlay, or serve fewer models there',
    };
  return {
    what: `ends again and again${ended === undefined ? '' : `, with exit code ${ended.exitCode}`}`,
    toDo: `read why: kubectl -n ${namespace} logs ${pod.metadata.name} --previous`,
  };
}

function creationTrouble(pod: Pod, { events, namespace }: ClusterState, ageMs: number): Trouble | undefined {
  const { name } = pod.metadata;
  const reasons = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox', 'FailedCreatePodContainer'];
  const warning = lastWarning(events, { name, reasons });
  if (warning !== undefined)
    return {
      what: `does not start: ${oneSentence(warning)}`,
      toDo: 'make what it names; the pod then starts by itself',
    };
  if (ageMs < patienceMs) return undefined;
  return {
    what: `has been starting for ${Math.round(ageMs / 60_000)} minutes`,
    toDo: `see kubectl -n ${namespace} describe pod ${name}`,
  };
}

function readinessTrouble(pod: Pod, { events, namespace }: ClusterState): Trouble | undefined {
  const ready = pod.status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False') return undefined;
  const { name } = pod.metadata;
  const probe = oneSentence(lastWarning(events, { name, reasons: ['Unhealthy'] }));
  const what = `runs and is not ready${probe === '' ? '' : `: ${probe}`}`;
  const log = `kubectl -n ${namespace} logs ${name}`;
  const toDo: Readonly<Record<string, string>> = {
    router: `see which names it cannot resolve (discovery.failed) and whether it ends: ${log}`,
    nats: `see whether it finds the other servers: ${log}`,
  };
  return {
    what,
    toDo: toDo[workloadOf(pod)] ?? `its models load, or a default model has failed: weft models, or ${log}`,
  };
}
