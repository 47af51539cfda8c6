// `npm run test:image`: judges what deploy/ has for containers with other people's programs, builds every flavour of the image without
// a container engine, and runs the mesh of compose.yaml out of it. Not part of `npm test`: it needs root, Debian's buildah,
// podman, runc and debootstrap, and a few gigabytes of disk while it runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCheckList } from '../testing/check-list.ts';
import { checkCpuImage } from './check-cpu-image.ts';
import { checkFiles } from './check-files.ts';
import { checkGpuImages } from './check-gpu-images.ts';
import { openEngine } from './engine.ts';
import { playDownloads } from './played-downloads.ts';

const progress = (line: string): void => console.error(`  ${line}`);

/**
 * Exit code 0 when every check holds, 1 otherwise. `--files-only` builds nothing; `--twice` builds `cpu` once more, and compares. A
 * signal ends it, and what it has started.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'files-only': { type: 'boolean' }, twice: { type: 'boolean' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'weft-image-'));
  const list = createCheckList();
  try {
    const model = await checkFiles({ folder, list, progress });
    if (values['files-only'] !== true) {
      const engine = await openEngine(folder, interrupted());
      progress(`storage of images: ${engine.driver}`);
      const downloads = await playDownloads(folder);
      const checks = { engine, folder, list, progress, downloads };
      try {
        await checkCpuImage(checks, { model, twice: values.twice === true });
        await checkGpuImages(checks);
      } finally {
        downloads.stop();
        await engine.remove();
      }
    }
  } catch (thrown) {
    list.failed(thrown as Error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return list.end();
}

function interrupted(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  return ending.signal;
}
