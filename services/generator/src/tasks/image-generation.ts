// Task `image-generation`: Generate and Interpolate with a generator network that makes images of noise, conditional on a label where
// it has an input for one. Images of all streams share runs. A seed makes the same noise on every machine. Its settings:
//
//   weft.file.labels   a label a line, in the order of the model's numbers for them
//   weft.black         what stands for no light in the model's output; 0 unless set
//   weft.white         what stands for full light; 1 unless set. Less than weft.black where the model draws with light on dark
import { randomInt } from 'node:crypto';
import { invalidArgument } from '@weft/errors';
import { encodeImage } from '@weft/image';
import type { GenerateRequest__Output } from '@weft/rpc/messages/weft/generator/v1/GenerateRequest';
import type { GenerateResponse } from '@weft/rpc/messages/weft/generator/v1/GenerateResponse';
import type { ImageFormat__Output } from '@weft/rpc/messages/weft/generator/v1/ImageFormat';
import type { InterpolateRequest__Output } from '@weft/rpc/messages/weft/generator/v1/InterpolateRequest';
import {
  checkExact,
  numberParameter,
  readLabelFile,
  SharedRuns,
  type StreamContext,
  type Task,
  type TaskContext,
} from '@weft/runtime';
import { betweenNoises, seededNoise } from '../noise/seeded-noise.ts';
import { checkFormat } from './check-format.ts';
import { firstRequest } from './first-request.ts';
import { type ImageSeed, noiseToImage } from './noise-to-image.ts';

const service = '/weft.generator.v1.GeneratorService';
const streamSlots = 16;
const maxImages = 10_000;
const defaultSteps = 10;

/** An image to make, and what its response says of it. */
interface Wanted extends ImageSeed {
  readonly seed: number;
}

interface Series {
  readonly count: number;
  readonly format: ImageFormat__Output;
  readonly image: (index: number) => Wanted;
}

export async function imageGeneration(context: TaskContext): Promise<Task> {
  const opened = await context.openModel();
  const maxRows = context.maxRows(opened);
  const [black, white] = [numberParameter(context, 'black', 0), numberParameter(context, 'white', 1)];
  if (black === white) throw invalidArgument(`weft.black and weft.white are both ${black}`);
  const model = noiseToImage({ model: opened, maxRows, black, white });
  const labels = model.labelled ? readLabelFile(context.file('labels')) : [];
  if (model.labelled && labels.length === 0) throw invalidArgument('weft.file.labels: there is no label');
  const runs = new SharedRuns(model.images);
  const noiseOf = (seed: number, truncation = 0) =>
    seededNoise(seed, { length: model.noiseLength, labels: labels.length, truncation });

  function requested(request: GenerateRequest__Output): Series {
    const { truncation, label, format } = request;
    const count = request.count === 0 ? 1 : request.count;
    if (count > maxImages) throw invalidArgument(`count: ${count} images, over the limit of ${maxImages}`);
    if (!(truncation >= 0)) throw invalidArgument(`truncation: expected a number from 0 on, got ${truncation}`);
    const first = request.seed ?? randomInt(2 ** 47);
    checkExact(first + (count - 1), 'seed');
    const asked = labelNumber(labels, label);
    const image = (index: number): Wanted => {
      const made = noiseOf(first + index, truncation);
      return { noise: made.noise, label: asked ?? made.label, seed: first + index };
    };
    return { count, format: checkFormat(format), image };
  }

  function walked({ seedFrom, seedTo, label, steps, format }: InterpolateRequest__Output): Series {
    const count = steps === 0 ? defaultSteps : steps;
    if (count < 2 || count > maxImages) throw invalidArgument(`steps: expected 2 to ${maxImages}, got ${count}`);
    checkExact(seedFrom, 'seed_from');
    checkExact(seedTo, 'seed_to');
    const [from, to] = [noiseOf(seedFrom), noiseOf(seedTo)];
    const asked = labelNumber(labels, label) ?? from.label;
    const image = (index: number): Wanted => ({
      noise: betweenNoises(from.noise, to.noise, index / (count - 1)),
      label: asked,
      seed: index === 0 ? seedFrom : index === count - 1 ? seedTo : 0,
    });
    return { count, format: checkFormat(format), image };
  }

  async function* made(
    { count, format, image }: Series,
    stream: StreamContext,
  ): AsyncGenerator<GenerateResponse, void, undefined> {
    for (let first = 0; first < count; first += maxRows) {
      const wanted = Array.from({ length: Math.min(maxRows, count - first) }, (_, index) => image(first + index));
      for (const [row, pixels] of (await runs.infer(wanted, stream)).entries()) {
        const { seed, label } = wanted[row] as Wanted;
        const index = first + row;
        const encoded = await encodeImage(pixels, format);
        yield { index, image: encoded, progress: (index + 1) / count, seed, label: labels[label] ?? '' };
      }
    }
  }

  return {
    methods: [],
    streams: [
      {
        path: `${service}/Generate`,
        slots: streamSlots,
        async *infer(requests, stream) {
          yield* made(requested(await firstRequest<GenerateRequest__Output>(requests)), stream);
        },
      },
      {
        path: `${service}/Interpolate`,
        slots: streamSlots,
        async *infer(requests, stream) {
          yield* made(walked(await firstRequest<InterpolateRequest__Output>(requests)), stream);
        },
      },
    ],
    async warmup(rows) {
      const seeds = Array.from({ length: rows }, (_, seed) => noiseOf(seed));
      await model.images.infer(seeds);
    },
  };
}

/** The model's number for a label; undefined where none is asked for. */
function labelNumber(labels: readonly string[], label: string): number | undefined {
  if (label === '') return undefined;
  const found = labels.indexOf(label);
  if (found >= 0) return found;
  if (labels.length === 0) throw invalidArgument('label: the model has no labels');
  throw invalidArgument(
    `label: '${label}' is none of ${labels.slice(0, 20).join(', ')}${labels.length > 20 ? ', …' : ''}`,
  );
}
