// `npm run test:k8s`: builds every overlay with kustomize, validates it strictly against a current Kubernetes, and applies it to a real
// control plane whose nodes are played by kwok. Everything comes from the Go module proxy. Not part of `npm test`: the
// first time it compiles for a quarter of an hour and more.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runClient } from '../conformance/run-client.ts';
import type { KubernetesObject } from '../deploy/kubernetes-object.ts';
import { buildJob, buildOverlay, buildWith, jobs, type Kustomize, overlays } from '../deploy/overlays.ts';
import {
  acceptsOverlay,
  inNamespace,
  keepsBudget,
  namespaceOf,
  placesJob,
  placesPods,
  rollsRouters,
  scalesByQueueTime,
} from './cluster-checks.ts';
import type { AppliedObject } from './cluster-client.ts';
import { startControlPlane } from './control-plane.ts';
import { explainsGpus, missesSecrets } from './doctors.ts';
import { followsSlices } from './follows-slices.ts';
import { startMetricsApi } from './metrics-api.ts';
import { addMachines } from './nodes.ts';
import {
  controlPlanePrograms,
  kubeconformProgram,
  kubernetesSources,
  kustomizeProgram,
  prometheusOperatorSources,
  versions,
} from './programs.ts';
import { customResources, schemaLocation, writeSchemas } from './schemas.ts';

const progress = (line: string): void => console.error(`  ${line}`);

/** Exit code 0 when every check holds, 1 otherwise. `--schemas-only` stops before the control plane. */
export async function main(argv: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-cluster-'));
  const results: boolean[] = [];
  const check = async (fact: string, holds: () => Promise<unknown>): Promise<void> => {
    const failure = await holds().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    results.push(failure === undefined);
    console.log(
      `${failure === undefined ? 'ok  ' : 'FAIL'} ${fact}${failure === undefined ? '' : `\n     ${failure.message}`}`,
    );
  };
  try {
    const operator = await prometheusOperatorSources(progress);
    const all = await validateAll(folder, operator, check);
    if (!argv.includes('--schemas-only')) await runCluster(folder, { operator, ...all, check });
  } catch (thrown) {
    results.push(false);
    console.log(`FAIL ${(thrown as Error).message}`);
  } finally {
    if (results.every(Boolean)) rmSync(folder, { recursive: true, force: true });
    else progress(`what the parts said is in ${folder}`);
  }
  const failed = results.filter((held) => !held).length;
  console.log(`${results.length - failed} of ${results.length} checks hold (Kubernetes ${versions.kubernetes})`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}

type Check = (fact: string, holds: () => Promise<unknown>) => Promise<void>;

/** The objects by overlay and by Job. */
type Built = Readonly<Record<'built' | 'builtJobs', ReadonlyMap<string, KubernetesObject[]>>>;

async function validateAll(folder: string, operator: string, check: Check): Promise<Built> {
  const kustomize: Kustomize = [await kustomizeProgram(progress), 'build'];
  const kubeconform = await kubeconformProgram(progress);
  writeSchemas(folder, { kubernetes: await kubernetesSources(progress), operator });
  const validate = (name: string, objects: readonly KubernetesObject[]) =>
    conforms(kubeconform, { folder, name, objects });
  const built = new Map<string, KubernetesObject[]>();
  for (const overlay of overlays) {
    await check(`${overlay} builds, and every object is valid to the letter`, async () => {
      const objects = await buildOverlay(kustomize, overlay);
      built.set(overlay, objects);
      await validate(overlay, objects);
    });
  }
  const builtJobs = new Map<string, KubernetesObject[]>();
  for (const job of jobs)
    await check(`the Job ${job} builds, and is valid to the letter`, async () => {
      const objects = await buildJob(kustomize, job);
      builtJobs.set(job, objects);
      await validate(job, objects);
    });
  await check('production-gpu builds with volumes for models, and is valid to the letter', async () =>
    validate('volumes', await buildWith(kustomize, 'production-gpu', 'artifact-volume')),
  );
  return { built, builtJobs };
}

interface Validated {
  readonly folder: string;
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
}

/** Throws with what kubeconform finds. */
async function conforms(kubeconform: string, { folder, name, objects }: Validated): Promise<void> {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
  const args = ['-strict', '-summary', '-schema-location', join(folder, schemaLocation), file];
  const { code, stdout, stderr } = await runClient({ command: kubeconform, args, timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
  progress(stdout.trim());
}

interface ClusterRun extends Built {
  readonly operator: string;
  readonly check: Check;
}

async function runCluster(folder: string, { operator, built, builtJobs, check }: ClusterRun): Promise<void> {
  const programs = await controlPlanePrograms(progress);
  progress(`starting a control plane in ${folder}`);
  const plane = await startControlPlane(folder, programs);
  const { client } = plane;
  try {
    await addMachines(client);
    for (const definition of customResources(operator)) {
      await client.apply(definition as AppliedObject);
      await client.until<{ status?: { conditions?: { type: string; status: string }[] } }>(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`,
        ({ status }) =>
          status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true,
      );
    }
    const metrics = await startMetricsApi(client);
    try {
      for (const [overlay, objects] of built) {
        const moved = inNamespace(objects, namespaceOf(overlay));
        await check(`${overlay} is accepted without a warning`, () => acceptsOverlay(client, moved));
        await check(`${overlay} finds a node for each pod, one with a GPU for those that ask for one`, () =>
          placesPods(client, overlay, 6),
        );
      }
      await check('a router names the pods of a Service within 5 s of their coming and going, by its own token', () =>
        followsSlices(client, { folder, overlay: 'cpu', progress }),
      );
      await check('weft k8s names the Secrets that are missing, and nothing once they are there', () =>
        missesSecrets(client, folder),
      );
      for (const [job, objects] of builtJobs)
        await check(`the Job ${job} is accepted without a warning, and finds a node with a GPU`, async () => {
          await acceptsOverlay(client, inNamespace(objects, namespaceOf('gpu')));
          await placesJob(client, 'gpu', job);
        });
      await check('a rolling update never has fewer routers than before', () => rollsRouters(client, 'production'));
      await check('a budget lets one router go, and keeps the next', () => keepsBudget(client, 'production'));
      await check('queue time makes replicas', () => scalesByQueueTime(client, 'gpu', metrics));
      await check('weft k8s tells why pods find no GPU', () => explainsGpus(client, folder));
    } finally {
      metrics.stop();
    }
  } finally {
    await plane.stop();
  }
}
