// The images for GPUs, as far as a machine without one can tell: their native libraries lie where they are looked for, and a process
// that finds no GPU serves its models on the processor, on a C library as old as that of the real base image.
import assert from 'node:assert/strict';
import { freePorts } from '@weft/foreign';
import { buildImage } from './build-image.ts';
import { type ImageChecks, told } from './check-cpu-image.ts';
import { limits } from './compose-model.ts';
import type { Flavour } from './dockerfiles.ts';

interface GpuImage {
  readonly flavour: Flavour;
  readonly service: string;
  readonly libraries: readonly string[];
  readonly absent: string;
}

const runtime = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';
const tensorflow = 'node_modules/@tensorflow/tfjs-node-gpu';

const images: readonly GpuImage[] = [
  {
    flavour: 'gpu',
    service: 'nlp',
    libraries: ['cuda', 'shared'].map((name) => `${runtime}/libonnxruntime_providers_${name}.so`),
    absent: `${runtime}/libonnxruntime_providers_tensorrt.so`,
  },
  {
    flavour: 'gpu-tfjs',
    service: 'generator',
    libraries: [`${tensorflow}/deps/lib/libtensorflow.so.2.9.1`, `${tensorflow}/lib/napi-v8/tfjs_binding.node`],
    absent: `${runtime}/libonnxruntime_providers_cuda.so`,
  },
];

export async function checkGpuImages(checks: ImageChecks): Promise<void> {
  const { list, downloads } = checks;
  for (const image of images) {
    await list.check(`the image ${image.flavour} builds on stand-ins, its downloads played`, async () => {
      const built = await buildImage(image.flavour, checks);
      assert.deepEqual(downloads.unknown, []);
      return told(built);
    });
    await list.check(`${image.flavour} has its native libraries, and serves without a GPU`, () =>
      serves(image, checks),
    );
  }
}

async function serves({ flavour, service, libraries, absent }: GpuImage, { engine }: ImageChecks): Promise<void> {
  const [port, metrics, health] = await freePorts(3);
  const own = { WEFT_BIND: '127.0.0.1', WEFT_PORT: port, WEFT_METRICS_PORT: metrics, WEFT_HEALTH_PORT: health };
  const confined = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--tmpfs', '/tmp'];
  const settings = Object.entries(own).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const place = ['--detach', '--name', flavour, '--network', 'host', ...limits];
  const command = `services/${service}/dist/main.js`;
  await engine.podman(['run', ...place, ...confined, ...settings, `localhost/weft:${flavour}`, command]);
  try {
    const script = `console.log(JSON.stringify(${JSON.stringify([...libraries, absent])}.filter(fs.existsSync)))`;
    const there = await engine.podman(['exec', flavour, 'node', '--eval', script]);
    assert.deepEqual(JSON.parse(there), libraries);
    await engine.healthy(flavour);
  } finally {
    await engine.tryPodman(['rm', '--force', '--volumes', '--time', '0', flavour]);
  }
}
