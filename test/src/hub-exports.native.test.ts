// "Any export of Hugging Face's hub loads by configuration alone": a played hub has exports of the counting decoder, and the example of
// docs/models.md is the configuration of one, as it is written there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, type GenerateInput, type WeftClient } from '@weft/client';
import { beginToken, continuation, countingExport, endToken, largeCountingExport } from '@weft/nlp/testing';
import { temporaryFolder } from './testing/author-models.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';

const weft = fileURLToPath(new URL('../../packages/cli/bin/weft.js', import.meta.url));
const folder = temporaryFolder();
const newline = 10;
const contexts = { smollm2: 120, large: 70 };

const hub: Readonly<Record<string, ReturnType<typeof countingExport>>> = {
  'HuggingFaceTB/SmolLM2-135M-Instruct': countingExport({
    config: { max_position_embeddings: contexts.smollm2, eos_token_id: 0 },
    generationConfig: { eos_token_id: [endToken, newline] },
  }),
  'acme/large': largeCountingExport({ config: { n_positions: contexts.large, eos_token_id: endToken } }),
};
const ends = { smollm2: [endToken, newline], large: [endToken] };
/** What the tokenizer puts before a prompt. */
const begins = { smollm2: [], large: [beginToken] };
type Name = keyof typeof contexts;

const largeConfig = `
name: "large"
backend: "onnxruntime"
${Object.entries({
  'weft.service': 'nlp',
  'weft.task': 'text-generation',
  'weft.source': 'hf:acme/large/onnx/model.onnx',
  'weft.file.weights': 'hf:acme/large/onnx/model.onnx_data',
  'weft.file.tokenizer': 'hf:acme/large/tokenizer.json',
  'weft.file.config': 'hf:acme/large/config.json',
  'weft.file.tokenizer_config': 'hf:acme/large/tokenizer_config.json',
  'weft.file.chat_template': 'hf:acme/large/chat_template.jinja',
})
  .map(([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`)
  .join('\n')}`;

let server: Server;
let service: StartedService;
let router: StartedService;
let client: WeftClient;

before(async () => {
  server = createServer((request, response) => {
    const [, repository = '', path = ''] = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(request.url ?? '') ?? [];
    const content = hub[repository]?.[path];
    response.writeHead(content === undefined ? 404 : 200, { 'x-repo-commit': 'a'.repeat(40) }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [name, config] of [
    ['smollm2', exampleOfTheDocs()],
    ['large', largeConfig],
  ] as const) {
    await mkdir(join(folder.path, name));
    await writeFile(join(folder.path, name, 'config.pbtxt'), config);
  }
  const hosts = ['--artifact-hosts', endpoint, '--artifact-private-hosts', endpoint];
  service = await startModelService('nlp', folder.path, { args: ['--hf-endpoint', endpoint, ...hosts] });
  const { models } = await service.service.ready;
  assert.deepEqual(models.map(({ name, state, reason }) => [name, state, reason]).sort(), [
    ['large', 'READY', ''],
    ['smollm2', 'READY', ''],
  ]);
  router = await startRouterOver([service.address]);
  client = connect({ router: router.address });
});

after(async () => {
  client.close();
  await router.stop();
  await service.stop();
  server.close();
  folder.remove();
});

/** The first block of the section. */
function exampleOfTheDocs(): string {
  const page = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('\n### Text generation\n'));
  return /```\n(.+?)```/s.exec(section)?.[1] ?? '';
}

/** The tokens of the text, up to one that ends it. */
function expected(name: Name, prompt: readonly number[]): number[] {
  const tokens = continuation(prompt, contexts[name] - prompt.length);
  const end = tokens.findIndex((token) => ends[name].includes(token));
  return end < 0 ? tokens : tokens.slice(0, end);
}

const textOf = (tokens: readonly number[]): string =>
  new TextDecoder().decode(Uint8Array.from(tokens.filter((token) => token < 256)));

async function write(request: GenerateInput, model: Name) {
  const written = { text: '', generatedTokens: 0, finishReason: '' };
  for await (const { text, generatedTokens, finishReason } of client.nlp.generate(request, { model }))
    Object.assign(written, { text: written.text + text, generatedTokens, finishReason });
  return written;
}

for (const name of ['smollm2', 'large'] as const) {
  describe(`the export ${name}`, () => {
    /** Prompts whose texts end by a token, and some that end with the context. */
    const prompts = Array.from({ length: 40 }, (_, number) => `prompt ${number}`);

    test('goes on from prompts until one of its end tokens or the end of its context', async () => {
      const reasons = new Set<string>();
      for (const prompt of prompts) {
        const read = [...begins[name], ...Buffer.from(prompt)];
        const tokens = expected(name, read);
        const { text, generatedTokens, finishReason } = await write({ prompt, maxTokens: 1000 }, name);
        assert.deepEqual([text, generatedTokens], [textOf(tokens), tokens.length], prompt);
        assert.equal(
          finishReason,
          read.length + tokens.length === contexts[name] ? 'FINISH_REASON_LENGTH' : 'FINISH_REASON_STOP',
        );
        reasons.add(finishReason);
      }
      assert.equal(reasons.size, 2);
    });

    test('answers messages by its chat template', async () => {
      const messages = [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi' },
      ];
      const prompt = [beginToken, ...Buffer.from('system: Be brief\nuser: Hi\nassistant: ')];
      const { text } = await write({ messages, maxTokens: 20 }, name);
      assert.equal(text, textOf(expected(name, prompt).slice(0, 20)));
      const args = ['generate', 'Hi', '--system', 'Be brief', '--model', name, '--max-tokens', '20'];
      const { stdout } = await promisify(execFile)(process.execPath, [weft, ...args, '--router', router.address]);
      assert.equal(stdout, `${text}\n`);
    });

    test('refuses what its chat template refuses, and a prompt beside messages', async () => {
      const messages = [{ role: 'tool', content: '4' }];
      await assert.rejects(write({ messages }, name), { code: 'INVALID_ARGUMENT', message: /there are no tools/ });
      const both = { prompt: 'a', messages } as unknown as GenerateInput;
      await assert.rejects(write(both, name), { code: 'INVALID_ARGUMENT', message: /^prompt: must be empty/ });
    });
  });
}
