// The digits that the generator draws, as the classifier reads them: both default models, through a router.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, type WeftClient } from '@weft/client';
import sharp from 'sharp';
import { copyDefaultModel, temporaryFolder } from './testing/author-models.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';

const labels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const services: StartedService[] = [];
let router: StartedService;
let client: WeftClient;

before(async () => {
  for (const [name, model] of [
    ['generator', 'generator/digits'],
    ['vision', 'vision/digit-classifier'],
  ] as const) {
    const repository = temporaryFolder();
    after(() => repository.remove());
    await copyDefaultModel(repository.path, model);
    services.push(await startModelService(name, repository.path));
  }
  for (const { service } of services) await service.ready;
  router = await startRouterOver(services.map(({ address }) => address));
  client = connect({ router: router.address, timeoutMs: 120_000 });
});

after(async () => {
  client.close();
  await router.stop();
  for (const service of services) await service.stop();
});

async function read(image: Buffer): Promise<string | undefined> {
  const response = await client.vision.classify({ image, topK: 1 }, { model: 'digit-classifier' });
  return response.labels[0]?.name;
}

async function shareRead(count: number, prepare: (image: Buffer) => Promise<Buffer>): Promise<number> {
  const right = await Promise.all(
    labels.map(async (label) => {
      let known = 0;
      for await (const { image } of client.generator.generate({ label, count, seed: 1 }, { model: 'digits' }))
        if ((await read(await prepare(image))) === label) known++;
      return known;
    }),
  );
  return right.reduce((sum, known) => sum + known, 0) / (count * labels.length);
}

test('of 2,000 digits the one that was asked for is recognised in 97%', async (t) => {
  const share = await shareRead(200, async (image) => image);
  t.diagnostic(`${(share * 100).toFixed(1)}%`);
  assert.ok(share >= 0.97, `${share}`);
});

test('it is recognised nearly as often when it is enlarged, out of the middle, and light on dark', async (t) => {
  const share = await shareRead(20, (image) =>
    sharp(image)
      .resize(150, 150)
      .extend({ left: 20, right: 90, top: 60, bottom: 10, background: '#fff' })
      .negate()
      .jpeg()
      .toBuffer(),
  );
  t.diagnostic(`${(share * 100).toFixed(1)}%`);
  assert.ok(share >= 0.93, `${share}`);
});
