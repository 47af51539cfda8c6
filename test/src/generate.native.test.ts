// Text generation through router, service and worker, on a model whose texts are known exactly: pieces to the SDK and the command line,
// more streams than slots, streams that leave, and what is measured of them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, type WeftClient } from '@weft/client';
import { beginToken, continuation, writeCountingDecoder } from '@weft/nlp/testing';
import { temporaryFolder } from './testing/author-models.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { type Metrics, scrape } from './testing/scrape.ts';

const folder = temporaryFolder();
const weft = fileURLToPath(new URL('../../packages/cli/bin/weft.js', import.meta.url));
let service: StartedService;
let router: StartedService;
let client: WeftClient;
let direct: WeftClient;

before(async () => {
  await writeCountingDecoder(folder.path, 'counting', { datatype: 'FP16' });
  for (const name of ['left-at-router', 'left-at-service']) await writeCountingDecoder(folder.path, name);
  service = await startModelService('nlp', folder.path);
  const { models } = await service.service.ready;
  assert.deepEqual(
    models.map(({ state, reason }) => [state, reason]),
    new Array(3).fill(['READY', '']),
  );
  router = await startRouterOver([service.address]);
  client = connect({ router: router.address });
  direct = connect({ router: service.address });
});

after(async () => {
  client.close();
  direct.close();
  await router.stop();
  await service.stop();
  folder.remove();
});

const options = { model: 'counting' };

function expectedText(prompt: string, maxTokens: number): string {
  const tokens = continuation([beginToken, ...Buffer.from(prompt)], maxTokens);
  return Buffer.from(tokens.filter((token) => token < 256)).toString();
}

async function write(from: WeftClient, prompt: string, maxTokens: number): Promise<string> {
  let text = '';
  for await (const piece of from.nlp.generate({ prompt, maxTokens }, options)) text += piece.text;
  return text;
}

/** A prompt whose text is so long. */
function longPrompt(length: number): string {
  for (let number = 0; ; number++) {
    const prompt = `p${number}`;
    if (continuation([beginToken, ...Buffer.from(prompt)], length).length === length) return prompt;
  }
}

async function metricsWhen(reached: (metrics: Metrics) => boolean): Promise<Metrics> {
  for (;;) {
    const metrics = await scrape(String(service.service.metricsAddress));
    if (reached(metrics)) return metrics;
  }
}

const noneLeft = (metrics: Metrics): boolean =>
  metrics.sum('weft_generate_sequences') === 0 && metrics.sum('weft_instance_streams_open') === 0;

for (const [where, from, own] of [
  ['through a router', () => client, 'left-at-router'],
  ['at the service itself', () => direct, 'left-at-service'],
] as const) {
  describe(where, () => {
    test('a text comes in pieces, each with its model and the tokens so far, the last with the reason', async () => {
      const prompt = longPrompt(40);
      const pieces = [];
      for await (const piece of from().nlp.generate({ prompt, maxTokens: 40 }, options)) pieces.push(piece);
      assert.ok(pieces.length > 5, `${pieces.length}`);
      assert.equal(pieces.map(({ text }) => text).join(''), expectedText(prompt, 40));
      const last = pieces.at(-1);
      assert.deepEqual(
        [last?.model, last?.modelVersion, last?.generatedTokens, last?.finishReason],
        ['counting', '1', 40, 'FINISH_REASON_LENGTH'],
      );
      assert.equal(pieces[0]?.finishReason, 'FINISH_REASON_UNSPECIFIED');
    });

    test('150 texts at once, more than there are slots, are each what they are alone', async () => {
      const prompts = Array.from({ length: 150 }, (_, index) => `${'and '.repeat(index % 9)}${index}`);
      const texts = await Promise.all(prompts.map((prompt, index) => write(from(), prompt, 5 + (index % 40))));
      assert.deepEqual(
        texts,
        prompts.map((prompt, index) => expectedText(prompt, 5 + (index % 40))),
      );
    });

    test('200 texts that are left at any time leave no stream and no sequence', async () => {
      await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          let read = 0;
          for await (const _ of from().nlp.generate({ prompt: `${index}`, maxTokens: 60 }, options))
            if (++read > index % 17) break;
        }),
      );
      await metricsWhen(noneLeft);
      assert.equal(await write(from(), 'still there', 20), expectedText('still there', 20));
    });

    test('a text whose reader has left is written no further', async () => {
      // A model of its own, whose metrics begin at nothing.
      const labels = { model: own, version: '1' };
      const settled = (texts: number): Promise<Metrics> =>
        metricsWhen(
          (metrics) =>
            metrics.sum('weft_generate_first_token_seconds_count', labels) === texts &&
            metrics.sum('weft_generate_sequences', labels) === 0,
        );
      const tokens = (metrics: Metrics): number => metrics.sum('weft_generate_tokens_total', labels);
      for await (const _ of from().nlp.generate({ prompt: longPrompt(500), maxTokens: 900 }, { model: own })) break;
      const then = tokens(await settled(1));
      assert.ok(then < 500, `${then}`);
      for await (const _ of from().nlp.generate({ prompt: longPrompt(7), maxTokens: 7 }, { model: own }));
      assert.equal(tokens(await settled(2)), then + 7);
    });

    test('a request that cannot be meant is refused', async () => {
      await assert.rejects(write(from(), 'a'.repeat(1200), 5), {
        code: 'INVALID_ARGUMENT',
        message: /no room for text/,
      });
      const altered = from().nlp.generate({ prompt: 'a', seed: 2 ** 53 }, options);
      await assert.rejects(altered.next(), { code: 'INVALID_ARGUMENT', message: /^seed: over the limit/ });
    });
  });
}

test('the first token, the next ones, steps and their sizes are measured', async () => {
  const of = (metrics: Metrics, name: string): number => metrics.sum(name, { model: 'left-at-router', version: '1' });
  const before = await metricsWhen((metrics) => of(metrics, 'weft_generate_first_token_seconds_count') === 2);
  const texts = Array.from({ length: 8 }, async () => {
    const request = { prompt: longPrompt(20), maxTokens: 20 };
    for await (const _ of client.nlp.generate(request, { model: 'left-at-router' }));
  });
  await Promise.all(texts);
  const after = await metricsWhen(
    (metrics) => of(metrics, 'weft_generate_tokens_total') === of(before, 'weft_generate_tokens_total') + 8 * 20,
  );
  const more = (name: string): number => of(after, name) - of(before, name);
  assert.equal(more('weft_generate_first_token_seconds_count'), 8);
  assert.equal(more('weft_generate_next_token_seconds_count'), 8 * 19);
  assert.ok(more('weft_generate_first_token_seconds_sum') > 0);
  assert.equal(more('weft_generate_step_rows_sum'), 8 * 19);
  assert.ok(more('weft_generate_step_rows_count') < 8 * 19, 'they must have shared steps');
});

test('weft generate prints the text, and with --json one document', async () => {
  const prompt = longPrompt(30);
  const ask = async (...more: string[]): Promise<string> => {
    const args = [weft, 'generate', prompt, '--model', 'counting', '--max-tokens', '30', '--router', router.address];
    return (await promisify(execFile)(process.execPath, [...args, ...more])).stdout;
  };
  assert.equal(await ask(), `${expectedText(prompt, 30)}\n`);
  assert.deepEqual(JSON.parse(await ask('--json')), {
    model: 'counting',
    modelVersion: '1',
    text: expectedText(prompt, 30),
    finishReason: 'FINISH_REASON_LENGTH',
    generatedTokens: 30,
  });
});

test('Tokenize has the pieces of the model', async () => {
  const { results } = await client.nlp.tokenize({ texts: ['ab'] }, options);
  assert.deepEqual(results, [{ ids: [97, 98], pieces: ['a', 'b'] }]);
});
