// A run of mutated messages against a mesh of processes: the mesh lives, answers each with a status that is no fault of its own, still
// answers good requests right, and keeps its memory. WEFT_LONG_TESTS=1 sends more; WEFT_FUZZ_SEED=N sends those of another run again.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type FuzzMesh, openFiles, residentMiB, startFuzzMesh } from './fuzz-mesh.ts';
import { type FuzzKind, fuzzCase, isAllowed } from './fuzz-targets.ts';
import { randomOf } from './random.ts';
import { standing } from '../hostile/hostile-mesh.ts';

/** Of 100,000 in a long run the share of one file, as many as end within its time on two busy cores; of 5,000 in `npm test`. */
export const messageCount = process.env['WEFT_LONG_TESTS'] === '1' ? 20_000 : 1000;
export const seed = Number(process.env['WEFT_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const concurrency = 32;

/** The settings may be others: some mutations are good requests. What the models answer may not. */
async function answersOf({ client }: FuzzMesh): Promise<unknown> {
  const { answers, repeated } = (await standing(client)) as { answers: unknown; repeated: unknown };
  return { answers, repeated };
}

interface Figures {
  routerMiB: number;
  serviceMiB: number;
  routerFiles: number;
  serviceFiles: number;
}

function figuresOf({ processes: { router, service } }: FuzzMesh): Figures {
  return {
    routerMiB: Math.round(residentMiB(router)),
    serviceMiB: Math.round(residentMiB(service)),
    routerFiles: openFiles(router),
    serviceFiles: openFiles(service),
  };
}

/** What garbage a process holds comes and goes, what has leaked is there at every moment. */
function leastOf([first, ...others]: readonly Figures[]): Figures {
  const least = { ...(first as Figures) };
  for (const figures of others)
    for (const which of Object.keys(least) as (keyof Figures)[]) least[which] = Math.min(least[which], figures[which]);
  return least;
}

/** Sends cases until so many messages are sent; which ones depends on the seed alone. */
async function fuzz(
  mesh: FuzzMesh,
  { kind, from, until }: { kind: FuzzKind; from: number; until: number },
): Promise<string[]> {
  const offenders: string[] = [];
  let [index, messages] = [from, from];
  const chain = async (): Promise<void> => {
    while (messages < until && offenders.length < 20) {
      const own = index++;
      const { sent, what, answers } = fuzzCase(mesh, kind, randomOf(seed, own));
      messages += sent.length;
      const told = await answers().catch((thrown: unknown) => [`UNKNOWN ${String(thrown)}`]);
      const bad = told.filter((answer) => !isAllowed(answer));
      if (bad.length > 0)
        offenders.push(
          `seed ${seed}, case ${own}, ${what}: ${bad.join('; ')}: ${sent.map((one) => one.toString('hex')).join(' ')}`,
        );
    }
  };
  await Promise.all(Array.from({ length: concurrency }, chain));
  return offenders;
}

async function settled(mesh: FuzzMesh, t: TestContext): Promise<void> {
  // What a client has given up may still be on its way out.
  while ((await mesh.inflight()) > 0) t.signal.throwIfAborted();
}

/** Sends so many mutated messages; throws where one is an internal error, or something stays of them. */
export async function runFuzz(t: TestContext, kind: FuzzKind, total = messageCount): Promise<void> {
  const mesh = await startFuzzMesh(t);
  const atFirst = await answersOf(mesh);
  const offenders = await fuzz(mesh, { kind, from: 0, until: total / 10 });
  const early = figuresOf(mesh);
  const figures: Figures[] = [];
  for (let tenth = 1; tenth < 10; tenth++) {
    const [from, until] = [(total * tenth) / 10, (total * (tenth + 1)) / 10];
    offenders.push(...(await fuzz(mesh, { kind, from, until })));
    assert.deepEqual(await answersOf(mesh), atFirst);
    figures.push(figuresOf(mesh));
  }
  await settled(mesh, t);
  const late = leastOf([...figures.slice(-4), figuresOf(mesh)]);
  t.diagnostic(`seed ${seed}; after a tenth ${JSON.stringify(early)}, at the end ${JSON.stringify(late)}`);
  assert.deepEqual(offenders, []);
  for (const which of ['routerMiB', 'serviceMiB'] as const)
    assert.ok(
      late[which] <= early[which] * 1.15 + 20,
      `${which}: ${early[which]} after a tenth, ${late[which]} at the end`,
    );
  for (const which of ['routerFiles', 'serviceFiles'] as const)
    assert.ok(
      late[which] <= early[which] + concurrency,
      `${which}: ${early[which]} after a tenth, ${late[which]} at the end`,
    );
  const restarts = mesh.processes.service.lines.filter(({ event }) => /crash|restart/.test(String(event)));
  assert.deepEqual(restarts, []);
}
