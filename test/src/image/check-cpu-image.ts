// The image for processors: built, and the mesh of compose.yaml run out of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@weft/client';
import type { CheckList } from '../testing/check-list.ts';
import { type BuiltImage, buildImage } from './build-image.ts';
import type { ComposeModel } from './compose-model.ts';
import { type ComposedMesh, startComposedMesh } from './composed-mesh.ts';
import { infers, pushes } from './image-calls.ts';
import type { PlayedDownloads } from './played-downloads.ts';
import type { StandInPlace } from './stand-ins.ts';

export interface ImageChecks extends StandInPlace {
  readonly downloads: PlayedDownloads;
  readonly list: CheckList;
  readonly folder: string;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Its size as a text. */
export const told = ({ bytes, baseBytes }: BuiltImage): string =>
  `${megabytes(bytes)}, ${megabytes(baseBytes)} of it the base`;

export interface CpuImageOptions {
  readonly model: ComposeModel;
  /** Build it once more, and compare. */
  readonly twice: boolean;
}

export async function checkCpuImage(checks: ImageChecks, { model, twice }: CpuImageOptions): Promise<void> {
  const { list, engine, folder } = checks;
  let image: BuiltImage | undefined;
  await list.check('the image cpu builds', async () => {
    image = await buildImage('cpu', checks);
    return told(image);
  });
  if (image === undefined) return;
  const { name, id } = image;
  const mesh = await startComposedMesh({ engine, image: name, model, folder });
  try {
    await checkMesh(mesh, checks);
  } finally {
    await mesh.stop();
  }
  if (!twice) return;
  await list.check('built once more it is the same to the byte', async () => {
    const again = await buildImage('cpu', { ...checks, tag: 'again', anew: true });
    assert.equal(again.id, id);
  });
}

/** Where a process may write, and who it is. */
const confinement = `
  const tries = ['/', '/weft', '/var/lib/weft', '/tmp'].map((folder) => {
    try { fs.writeFileSync(folder + '/tried', ''); return folder; } catch { return ''; }
  });
  console.log(JSON.stringify({ user: process.getuid(), writes: tries.filter(Boolean) }));`;

async function checkMesh(mesh: ComposedMesh, { list, folder }: ImageChecks): Promise<void> {
  await list.check('every process gets ready, says the check of the image', () => mesh.ready());
  for (const container of mesh.containers) {
    await list.check(`${container} runs as nobody's user, and writes to its volume and /tmp alone`, async () => {
      const expected = { user: 10001, writes: ['/var/lib/weft', '/tmp'] };
      assert.deepEqual(JSON.parse(await mesh.evaluate(container, confinement)), expected);
    });
  }
  const read = (file: string): string => readFileSync(join(folder, 'credentials', file), 'utf8').trim();
  const dial = (token: string) => connect({ router: mesh.router, token, tls: { ca: read('ca.crt') } });
  const client = dial(read('client.token'));
  for (const { fact, call } of infers) await list.check(fact, () => call(client, folder));
  client.close();
  const admin = dial(read('admin.token'));
  await list.check(pushes.fact, () => pushes.call(admin, folder));
  admin.close();
  for (const container of mesh.containers.toReversed()) {
    await list.check(`${container} ends on SIGTERM`, async () => {
      const { code, ms } = await mesh.end(container);
      assert.equal(code, 0, `exit code ${code}: ${(await mesh.logs(container)).slice(-1500)}`);
      return `in ${(ms / 1000).toFixed(1)} s`;
    });
  }
}
