// One real call of each service through the router of a mesh, with the SDK, on input whose answer is known.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeftClient } from '@weft/client';
import { encodeModel } from '@weft/convert';
import sharp from 'sharp';
import { dogPhoto, invoiceLines, renderInvoice } from '../mesh/fixtures.ts';
import { plus } from '../testing/author-models.ts';

export interface ImageCall {
  /** What is so when it does not throw. */
  readonly fact: string;
  readonly call: (client: WeftClient, folder: string) => Promise<unknown>;
}

const timeoutMs = 60_000;

export const infers: readonly ImageCall[] = [
  {
    fact: 'nlp embeds text',
    async call(client) {
      const { embeddings } = await client.nlp.embed({ texts: ['a cat sleeps', 'a kitten naps'] }, { timeoutMs });
      assert.equal(embeddings.length, 2);
    },
  },
  {
    fact: 'vision reads every line of an invoice',
    async call(client, folder) {
      const file = join(folder, 'invoice.png');
      await renderInvoice(file);
      const { lines } = await client.vision.readText({ image: await readFile(file) }, { timeoutMs });
      assert.equal(lines.length, invoiceLines.length);
    },
  },
  {
    fact: 'vision finds a dog on TensorFlow.js',
    async call(client) {
      const { detections } = await client.vision.detect({ image: await readFile(dogPhoto) }, { timeoutMs });
      assert.equal(detections[0]?.label, 'dog');
    },
  },
  {
    fact: 'the generator makes an image twice as large',
    async call(client) {
      const image = await sharp(dogPhoto).resize(48, 32).png().toBuffer();
      const { scale, image: larger } = await client.generator.upscale({ image }, { timeoutMs });
      const { width, height } = await sharp(larger as Uint8Array).metadata();
      assert.deepEqual([width, height], [48 * scale, 32 * scale]);
      assert.ok(scale >= 2);
    },
  },
];

export const pushes: ImageCall = {
  fact: 'what is pushed goes through NATS to custom, which serves it',
  async call(client, folder) {
    const file = join(folder, 'plus.onnx');
    await writeFile(file, encodeModel(plus(1)));
    const { outcome } = await client.admin.push({ name: 'plus', files: [{ path: 'model.onnx', file }] }, { timeoutMs });
    assert.deepEqual(
      outcome.replicas.map(({ problem }) => problem),
      [''],
    );
    const x = { datatype: 'FP32', shape: [1, 2], elements: [1, 2] } as const;
    const { outputs } = await client.infer({ model: 'plus', inputs: { x } }, { timeoutMs });
    assert.deepEqual(outputs['y']?.elements, new Float32Array([2, 3]));
  },
};
