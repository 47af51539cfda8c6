// What a mesh on a network keeps while its processes come and go under load. Each returns its figures in a line, and throws what does
// not hold.
import { wallMs } from '../testing/open-load.ts';
import { failuresOf, type SdkCall, tell } from './load-line.ts';
import type { Member, RollingMesh, SdkLoad } from './rolling-mesh.ts';

export interface LoadedMesh {
  readonly mesh: RollingMesh;
  readonly load: SdkLoad;
  /** By when each new replica answers calls, after the last of them has its record; records live a second. */
  readonly spreadWithinMs: number;
  /** How long is looked at what the load does after each change. */
  readonly lookMs: number;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Adds so many replicas at once, which soon get their share of the load. */
export async function spreadsToNewReplicas(loaded: LoadedMesh, more: number): Promise<string> {
  const { mesh, load, spreadWithinMs, lookMs } = loaded;
  const fromMs = wallMs();
  const before = mesh.members('replica').length;
  const added = await Promise.all(Array.from({ length: more }, () => mesh.add('replica')));
  const recordedMs = Math.max(...added.map((member) => member.recordedMs));
  const served = Promise.all(added.map(({ started }) => load.servedBy(started.pid)));
  await Promise.race([served, load.goesOn(recordedMs + spreadWithinMs - wallMs())]);
  const settledMs = wallMs();
  await load.goesOn(lookMs);
  const calls = load.calls.filter(({ dueMs }) => dueMs >= fromMs);
  const firstMs = added.map((member) => firstAnswerMs(calls, member) - member.recordedMs);
  const settled = calls.filter(({ dueMs }) => dueMs >= settledMs);
  const pids = new Set(added.map(({ started }) => started.pid));
  const share = settled.filter(({ pid }) => pids.has(pid)).length / settled.length;
  const even = more / (before + more);
  const line = [
    `first answers ${firstMs.map(seconds).join(', ')} after their records`,
    `from then on the new have ${percent(share)} of the calls (even: ${percent(even)})`,
    tell(calls),
  ].join('; ');
  expect(failuresOf(calls).length === 0, line);
  expect(Math.max(...firstMs) <= spreadWithinMs, line);
  expect(share >= 0.7 * even, line);
  return line;
}

/** All but one replica are told to end at the same instant. */
export async function shrinksToOne(loaded: LoadedMesh): Promise<string> {
  const { mesh } = loaded;
  const fromMs = wallMs();
  const leaving = mesh.members('replica').slice(1);
  const codes = await Promise.all(leaving.map((member) => mesh.remove(member, 'SIGTERM')));
  const gone = seconds(wallMs() - fromMs);
  return quietly(loaded, fromMs, `${leaving.length} ended with ${codes.join(', ')} within ${gone}`);
}

/** Each replica, then each router, is told to end once its successor is ready. */
export async function rollsEverything(loaded: LoadedMesh): Promise<string> {
  const { mesh, load } = loaded;
  const fromMs = wallMs();
  const lines: string[] = [];
  for (const kind of ['replica', 'router'] as const) {
    const kindMs = wallMs();
    const old = mesh.members(kind);
    for (const member of old) {
      await mesh.add(kind);
      await mesh.remove(member, 'SIGTERM');
    }
    lines.push(`${old.length} of kind ${kind} replaced within ${seconds(wallMs() - kindMs)}`);
  }
  // A record lives a second, and the SDK asks for it no more often.
  await load.goesOn(2_000);
  const served = await answeredBy(mesh);
  const line = await quietly(loaded, fromMs, lines.join(', '));
  const each = (await answeredBy(mesh)).map((count, at) => count - (served[at] ?? 0));
  const told = `${line}; after it the routers answered ${each.join(' and ')}`;
  expect(Math.min(...each) >= 0.8 * (each.reduce((sum, count) => sum + count, 0) / each.length), told);
  return told;
}

/** How long one that is told to end goes on before, ms, so that everybody has heard of its successor: `preStop` in the manifests. */
const preStopMs = 2_000;

/** The only replica that there is goes once its successor is ready and known. */
export async function rollsOnlyReplica(loaded: LoadedMesh): Promise<string> {
  const { mesh, load } = loaded;
  const fromMs = wallMs();
  const [member, ...others] = mesh.members('replica');
  if (member === undefined || others.length > 0) throw new Error('there is not one replica');
  await mesh.add('replica');
  await load.goesOn(preStopMs);
  await mesh.remove(member, 'SIGTERM');
  return quietly(loaded, fromMs, 'replaced');
}

/** A replica dies without a word, and another one takes its place. */
export async function losesReplica(loaded: LoadedMesh): Promise<string> {
  const { mesh } = loaded;
  const fromMs = wallMs();
  const [member] = mesh.members('replica');
  if (member === undefined) throw new Error('there is no replica');
  const before = await sentAgain(mesh);
  await mesh.remove(member, 'SIGKILL');
  await mesh.add('replica');
  const line = await quietly(loaded, fromMs, 'killed');
  return `${line}; routers sent ${(await sentAgain(mesh)) - before} again`;
}

/** A router dies without a word: what it had open is lost, and tried again by the SDK on another one. */
export async function losesRouter(loaded: LoadedMesh): Promise<string> {
  const { mesh } = loaded;
  const fromMs = wallMs();
  const [member] = mesh.members('router');
  if (member === undefined) throw new Error('there is no router');
  await mesh.remove(member, 'SIGKILL');
  await mesh.add('router');
  return quietly(loaded, fromMs, 'killed');
}

/** By when a process that is cut off is known to be gone, ms: the router's keepalive, the SDK's, and some for a busy machine. */
const cutOffMs = { replica: 8_000, router: 18_000 } as const;

/** A replica is cut off: what it had is computed by others. */
export async function cutsReplicaOff(loaded: LoadedMesh): Promise<string> {
  const { mesh, load } = loaded;
  const fromMs = wallMs();
  const member = await cutOff(loaded, 'replica');
  const calls = load.calls.filter(({ dueMs }) => dueMs >= fromMs);
  const last = Math.max(...calls.filter(({ pid }) => pid === member.started.pid).map(({ answeredMs }) => answeredMs));
  await mesh.add('replica');
  return quietly(loaded, fromMs, `its last answer came after ${seconds(Math.max(0, last - fromMs))}`);
}

/** A router is cut off: calls to it wait until the SDK finds out. */
export async function cutsRouterOff(loaded: LoadedMesh): Promise<string> {
  const fromMs = wallMs();
  await cutOff(loaded, 'router');
  await loaded.mesh.add('router');
  return quietly(loaded, fromMs, 'cut off');
}

/** The first of a kind; its record goes when everybody should have found out. */
async function cutOff({ mesh, load }: LoadedMesh, kind: Member['kind']): Promise<Member> {
  const [member] = mesh.members(kind);
  if (member === undefined) throw new Error(`there is no ${kind}`);
  await mesh.cutOff(member, () => load.goesOn(cutOffMs[kind]));
  return member;
}

/** No call fails from an instant until a while from now. */
async function quietly({ load, lookMs }: LoadedMesh, fromMs: number, what: string): Promise<string> {
  await load.goesOn(lookMs);
  const calls = load.calls.filter(({ dueMs }) => dueMs >= fromMs);
  const line = `${what}; ${tell(calls)}`;
  expect(failuresOf(calls).length === 0, line);
  return line;
}

function firstAnswerMs(calls: readonly SdkCall[], { started }: Member): number {
  return Math.min(...calls.filter(({ pid }) => pid === started.pid).map(({ answeredMs }) => answeredMs));
}

function answeredBy(mesh: RollingMesh): Promise<number[]> {
  return ofRouters(mesh, 'weft_requests_total');
}

async function sentAgain(mesh: RollingMesh): Promise<number> {
  return (await ofRouters(mesh, 'weft_dispatch_sent_again_total')).reduce((sum, count) => sum + count, 0);
}

function ofRouters(mesh: RollingMesh, metric: string): Promise<number[]> {
  return Promise.all(mesh.members('router').map(async (member) => (await member.metrics()).sum(metric)));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function expect(holds: boolean, line: string): void {
  if (!holds) throw new Error(line);
}
