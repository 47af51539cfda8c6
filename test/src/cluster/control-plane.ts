// A control plane on loopback, out of its real parts: etcd, API server, scheduler, controller manager, and kwok in place of
// the nodes' kubelets. Everything lies in one folder and ends with `stop`.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '@weft/foreign';
import { ClusterClient } from './cluster-client.ts';
import type { ControlPlanePrograms } from './programs.ts';

export interface ControlPlane {
  readonly client: ClusterClient;
  stop(): Promise<void>;
}

/** Throws, naming the part and its log, where one does not come up. */
export async function startControlPlane(folder: string, programs: ControlPlanePrograms): Promise<ControlPlane> {
  const [clients = 0, peers = 0, api = 0, scheduler = 0, controllers = 0] = await freePorts(5);
  const file = (name: string): string => join(folder, name);
  const token = randomBytes(16).toString('hex');
  const parts: Part[] = [];
  const start = (name: string, command: string, args: readonly string[]): void => {
    parts.push(startPart({ name, command, args, log: file(`${name}.log`) }));
  };
  const stop = async (): Promise<void> => {
    for (const { child, ended } of parts.toReversed()) {
      child.kill('SIGKILL');
      await ended;
    }
  };
  writeFileSync(file('tokens.csv'), `${token},admin,admin,system:masters\n`);
  writeFileSync(file('kubeconfig'), kubeconfig(api, token));
  writeAccountKeys(folder);
  const kube = `--kubeconfig=${file('kubeconfig')}`;
  start('etcd', programs.etcd, [
    `--data-dir=${file('etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${clients}`,
    `--advertise-client-urls=http://127.0.0.1:${clients}`,
    `--listen-peer-urls=http://127.0.0.1:${peers}`,
    '--unsafe-no-fsync',
  ]);
  start('kube-apiserver', programs.apiServer, [
    `--etcd-servers=http://127.0.0.1:${clients}`,
    '--bind-address=127.0.0.1',
    // There are no pods that would look for it.
    '--endpoint-reconciler-type=none',
    `--secure-port=${api}`,
    `--cert-dir=${file('certificates')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
  ]);
  const client = new ClusterClient(api, token);
  try {
    await whenReady(client, parts);
    start('kube-scheduler', programs.scheduler, [kube, '--leader-elect=false', `--secure-port=${scheduler}`]);
    start('kube-controller-manager', programs.controllers, [
      kube,
      '--leader-elect=false',
      `--secure-port=${controllers}`,
      `--service-account-private-key-file=${file('accounts.key')}`,
      '--horizontal-pod-autoscaler-sync-period=2s',
      // On a busy machine played nodes are late with their heartbeats, and nobody makes the pods of one that was missed ready again.
      '--node-monitor-grace-period=10m',
    ]);
    start('kwok', programs.kwok, [
      kube,
      '--manage-all-nodes=true',
      ...programs.stages.map((stage) => `--config=${stage}`),
    ]);
    return { client, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

interface Part {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly log: string;
}

function startPart({
  name,
  command,
  args,
  log,
}: {
  name: string;
  command: string;
  args: readonly string[];
  log: string;
}): Part {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = createWriteStream(log);
  child.stdout.pipe(written, { end: false });
  child.stderr.pipe(written, { end: false });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return { name, child, ended, log };
}

async function whenReady(client: ClusterClient, parts: readonly Part[]): Promise<void> {
  for (let tries = 0; tries < 480; tries++) {
    const dead = parts.find(({ child }) => child.exitCode !== null);
    if (dead !== undefined) throw new Error(`${dead.name} ended with ${dead.child.exitCode}: see ${dead.log}`);
    const answer = await client.call('GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(250);
  }
  throw new Error('the API server is not ready after two minutes');
}

function writeAccountKeys(folder: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(join(folder, 'accounts.key'), privateKey);
  writeFileSync(join(folder, 'accounts.pub'), publicKey);
}

function kubeconfig(port: number, token: string): string {
  const cluster = { name: 'local', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } };
  const context = { name: 'local', context: { cluster: 'local', user: 'admin' } };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    users: [{ name: 'admin', user: { token } }],
    contexts: [context],
    'current-context': 'local',
  });
}
