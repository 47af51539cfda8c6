// The programs of a cluster, compiled from the Go module proxy into a cache folder: a current control plane, and kwok, which plays
// the nodes. The first time takes a while (about a quarter of an hour on two cores), later ones nothing.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goModule, goProgram, type WantedProgram } from '@weft/foreign';

export const versions = {
  kubernetes: 'v1.37.2',
  etcd: 'v3.7.3',
  kwok: 'v0.8.0',
  kubeconform: 'v0.8.0',
  kustomize: 'v5.8.1',
  prometheusOperator: 'v0.85.0',
} as const;

/** Where they are kept: git looks past it. */
const cacheFolder = fileURLToPath(new URL('../../../.cache/cluster/', import.meta.url));

export type Progress = (line: string) => void;

/** All of these throw ForeignMissing where something cannot be had. */
export async function kustomizeProgram(progress: Progress): Promise<string> {
  return compiled(progress, { path: 'sigs.k8s.io/kustomize/kustomize/v5', version: versions.kustomize });
}

export async function kubeconformProgram(progress: Progress): Promise<string> {
  return compiled(progress, { path: 'github.com/yannh/kubeconform/cmd/kubeconform', version: versions.kubeconform });
}

export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly apiServer: string;
  readonly scheduler: string;
  readonly controllers: string;
  readonly kwok: string;
  readonly stages: readonly string[];
}

export async function controlPlanePrograms(progress: Progress): Promise<ControlPlanePrograms> {
  const etcd = 'go.etcd.io/etcd/server/v3';
  const own = (name: string) =>
    compiled(progress, {
      path: `k8s.io/kubernetes/cmd/${name}`,
      version: versions.kubernetes,
      within: { module: 'k8s.io/kubernetes', replacedVersion: versions.kubernetes.replace('v1.', 'v0.') },
    });
  return {
    stages: await kwokStages(progress),
    kwok: await compiled(progress, { path: 'sigs.k8s.io/kwok/cmd/kwok', version: versions.kwok }),
    etcd: await compiled(progress, { path: etcd, version: versions.etcd, within: { module: etcd } }),
    apiServer: await own('kube-apiserver'),
    scheduler: await own('kube-scheduler'),
    controllers: await own('kube-controller-manager'),
  };
}

/** What kwok lets nodes and pods go through: they get ready at once, and leave when they are told to. */
async function kwokStages(progress: Progress): Promise<string[]> {
  const sources = await goModule({ module: `sigs.k8s.io/kwok@${versions.kwok}`, cacheFolder, progress });
  const stages = ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'].map((part) =>
    join(sources, 'kustomize/stage', part),
  );
  return stages.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
      .map((file) => join(folder, file)),
  );
}

/** The folder of a module's files: Kubernetes' own description of its API lies in one, the operator's of its kinds in another. */
export async function kubernetesSources(progress: Progress): Promise<string> {
  return goModule({ module: `k8s.io/kubernetes@${versions.kubernetes}`, cacheFolder, progress });
}

export async function prometheusOperatorSources(progress: Progress): Promise<string> {
  const module = `github.com/prometheus-operator/prometheus-operator@${versions.prometheusOperator}`;
  return goModule({ module, cacheFolder, progress });
}

async function compiled(progress: Progress, wanted: Omit<WantedProgram, 'cacheFolder' | 'progress'>): Promise<string> {
  return (await goProgram({ ...wanted, cacheFolder, progress })).command;
}
