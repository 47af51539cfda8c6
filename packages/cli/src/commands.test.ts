// Every command that asks the router, against a real gRPC server with fixed answers.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Answer, type FakeRouter, Refusal, startFakeRouter } from '@weft/client/testing';
import { fakeShell, runWeft } from './testing/run-weft.ts';
import { main } from './main.ts';

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const served = { model: 'm', modelVersion: '1' };

const answers: Record<string, Answer> = {
  '/weft.nlp.v1.NlpService/Embed': ({ request }) => ({
    ...served,
    embeddings: (request['texts'] as string[]).map((text) => ({ values: [text.length, 0.5, -0.25, 0, 1] })),
  }),
  '/weft.nlp.v1.NlpService/Rank': ({ request }) => ({
    ...served,
    results: [
      { index: (request['documents'] as string[]).length - 1, score: 0.75 },
      { index: 0, score: 0.25 },
    ],
  }),
  '/weft.nlp.v1.NlpService/Classify': ({ request }) => ({
    ...served,
    results: (request['texts'] as string[]).map((text) => ({ labels: [{ name: text.slice(0, 6), score: 0.5 }] })),
  }),
  '/weft.nlp.v1.NlpService/Summarize': ({ request }) => ({
    ...served,
    summary: `${String(request['maxSentences'])}: ${String(request['text']).trim()}`,
    sentenceIndexes: [0],
  }),
  // What was asked, as the text.
  '/weft.nlp.v1.NlpService/Generate': ({ request }) => {
    const messages = request['messages'] as { readonly role: string; readonly content: string }[];
    const said = messages.map(({ role, content }) => `${role}: ${content}`).join('; ');
    return [
      { ...served, text: `${String(request['prompt'])}|` },
      { ...served, text: said, finishReason: 'FINISH_REASON_LENGTH', generatedTokens: 2 },
    ];
  },
  '/weft.vision.v1.VisionService/Classify': () => ({ ...served, labels: [{ name: 'arrow', score: 1 }] }),
  '/weft.vision.v1.VisionService/Detect': ({ request }) => ({
    ...served,
    model: request['model'] || 'm',
    detections: [
      { label: 'cat', score: 0.5, box: { x: 10.4, y: 20.6, width: 100, height: 5 } },
      { label: 'traffic light', score: 0.25, box: { x: 0, y: 0, width: 1, height: 1 } },
    ],
  }),
  '/weft.vision.v1.VisionService/ReadText': () => ({
    ...served,
    lines: [
      { text: 'Invoice 42', score: 1, polygon: [] },
      { text: 'Total: 7 €', score: 0.5, polygon: [] },
    ],
  }),
  '/inference.GRPCInferenceService/ServerLive': () => ({ live: true }),
  '/inference.GRPCInferenceService/ServerReady': () => ({ ready: true }),
  '/inference.GRPCInferenceService/ServerMetadata': () => ({ name: 'weft', version: '0.1.0', extensions: [] }),
  '/inference.GRPCInferenceService/RepositoryIndex': () => ({
    models: [
      { name: 'use-lite', version: '1', state: 'READY', reason: '' },
      { name: 'broken', version: '', state: 'UNAVAILABLE', reason: 'no\nfile' },
    ],
  }),
  '/inference.GRPCInferenceService/ModelMetadata': ({ request }) => {
    if (request['name'] !== 'echo')
      throw new Refusal('NOT_FOUND', `Request for unknown model: '${String(request['name'])}'`);
    return {
      name: 'echo',
      versions: ['1'],
      inputs: [
        { name: 'x', datatype: 'FP32', shape: [-1, 2] },
        { name: 'n', datatype: 'INT64', shape: [-1] },
        { name: 't', datatype: 'BYTES', shape: [-1, 1] },
      ],
      outputs: [],
    };
  },
  '/inference.GRPCInferenceService/ModelConfig': ({ request }) => ({ config: { name: request['name'] } }),
  '/inference.GRPCInferenceService/ModelInfer': ({ request }) => ({
    modelName: request['modelName'],
    modelVersion: '1',
    outputs: request['inputs'],
    rawOutputContents: request['rawInputContents'],
  }),
};

describe('commands', { timeout: 60_000 }, () => {
  let router: FakeRouter;
  let folder: string;
  before(async () => {
    router = await startFakeRouter(answers);
    folder = mkdtempSync(join(tmpdir(), 'weft-cli-'));
  });
  after(() => {
    router.stop();
    rmSync(folder, { recursive: true });
  });

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Standard output of a run that must succeed and write nothing else. */
  async function weft(args: readonly string[], input?: string | Buffer): Promise<string> {
    const { exitCode, out, err } = await runWeft(
      [...args, '--router', router.address],
      input === undefined ? {} : { input },
    );
    assert.equal(err, '');
    assert.equal(exitCode, 0);
    return out;
  }

  async function weftJson(args: readonly string[], input?: string): Promise<Record<string, unknown>> {
    const out = await weft([...args, '--json'], input);
    assert.equal(out.trimEnd().split('\n').length, 1);
    return JSON.parse(out) as Record<string, unknown>;
  }

  const lastCall = () => router.calls.at(-1);

  function lastOutputs(): string[] {
    const outputs = (lastCall()?.request ?? {})['outputs'] as { name: string }[];
    return outputs.map((output) => output.name);
  }

  test('generate sends a prompt, or with --chat and --system a conversation', async () => {
    assert.equal(await weft(['generate', 'Hi']), 'Hi|\n');
    assert.equal(await weft(['generate', 'Hi', '--chat']), '|user: Hi\n');
    const told = '|system: Be brief.; user: Hi\n';
    assert.equal(await weft(['generate', '-', '--system', 'Be brief.'], 'Hi\n'), told);
    assert.equal(await weft(['generate', '--file', file('hi', 'Hi\n'), '--chat', '--system', 'Be brief.']), told);
  });

  test('embed prints the first values, and all of them as JSON', async () => {
    assert.equal(
      await weft(['embed', 'ab', 'a longer text']),
      '[ 2.0000  0.5000 -0.2500  0.0000 …] 5 values  ab\n[13.0000  0.5000 -0.2500  0.0000 …] 5 values  a longer text\n',
    );
    assert.deepEqual(await weftJson(['embed', 'ab']), {
      ...served,
      embeddings: [{ text: 'ab', values: [2, 0.5, -0.25, 0, 1] }],
    });
  });

  test('embed takes arguments, lines of stdin and lines of a file', async () => {
    await weft(['embed', 'one', '-', '--file', file('texts.txt', 'four\r\n\nfive')], 'two\nthree\n');
    assert.deepEqual(lastCall()?.request['texts'], ['one', 'two', 'three', 'four', 'five']);
  });

  test('rank prints the documents in their order', async () => {
    const lines = ['RANK  SCORE  DOCUMENT', '   1  0.750  cats and dogs', '   2  0.250  tax law', ''];
    assert.equal(await weft(['rank', 'pets', 'tax law', 'cats and dogs', '--top', '2']), lines.join('\n'));
    assert.equal(lastCall()?.request['topK'], 2);
    assert.deepEqual((await weftJson(['rank', 'pets', 'tax law', 'cats and dogs']))['results'], [
      { index: 1, score: 0.75, document: 'cats and dogs' },
      { index: 0, score: 0.25, document: 'tax law' },
    ]);
  });

  test('classify asks vision for an image and nlp for a text', async () => {
    assert.equal(await weft(['classify', file('symbol.dat', png)]), 'LABEL  SCORE\narrow  1.000\n');
    assert.equal(await weft(['classify', file('main.py', 'import os\n')]), 'LABEL   SCORE\nimport  0.500\n');
    assert.equal(await weft(['classify', 'SELECT 1']), 'LABEL   SCORE\nSELECT  0.500\n');
    assert.equal(await weft(['classify', '-'], 'return 1'), 'LABEL   SCORE\nreturn  0.500\n');
  });

  test('classify takes the name of a file as a text with --text', async () => {
    const path = file('main.go', 'package main');
    await weft(['classify', path, '--text']);
    assert.deepEqual(lastCall()?.request['texts'], [path]);
  });

  test('classify of several inputs is still one JSON document', async () => {
    const { results } = await weftJson(['classify', file('a.png', png), 'int main']);
    assert.deepEqual(
      (results as { kind: string; labels: { name: string }[] }[]).map(({ kind, labels }) => [kind, labels[0]?.name]),
      [
        ['image', 'arrow'],
        ['text', 'int ma'],
      ],
    );
  });

  test('summarize prints the summary of a file or of stdin', async () => {
    assert.equal(await weft(['summarize', file('article.txt', 'A. B.\n')]), '0: A. B.\n');
    assert.equal(await weft(['summarize', '-', '--sentences', '2'], 'C. D.'), '2: C. D.\n');
  });

  test('detect prints an aligned table', async () => {
    const lines = [
      'LABEL          SCORE   X   Y  WIDTH  HEIGHT',
      'cat            0.500  10  21    100       5',
      'traffic light  0.250   0   0      1       1',
      '',
    ];
    assert.equal(await weft(['detect', file('photo.png', png), '--min-score', '0.25']), lines.join('\n'));
    assert.equal(lastCall()?.request['minScore'], 0.25);
    assert.deepEqual(lastCall()?.request['image'], { encoded: png, source: 'encoded' });
  });

  test('a chosen model and version reach the request', async () => {
    const json = await weftJson(['detect', file('photo.png', png), '--model', 'blazeface', '--model-version', '2']);
    assert.equal(json['model'], 'blazeface');
    assert.equal(lastCall()?.request['modelVersion'], '2');
  });

  test('read prints the lines', async () => {
    assert.equal(await weft(['read', '-'], png), 'Invoice 42\nTotal: 7 €\n');
    assert.equal((await weftJson(['read', file('i.png', png)]))['model'], 'm');
  });

  test('status tells of the router and counts its models', async () => {
    const lines = [
      `router  ${router.address}, live, ready`,
      'server  weft 0.1.0',
      'models  1 READY, 1 UNAVAILABLE',
      '',
    ];
    assert.equal(await weft(['status']), lines.join('\n'));
    assert.deepEqual((await weftJson(['status']))['models'], { READY: 1, UNAVAILABLE: 1 });
  });

  test('models of a router without an admin service are their states alone, which it says', async () => {
    const lines = [
      'MODEL     VERSION  STATE        REASON',
      'use-lite  1        READY',
      'broken             UNAVAILABLE  no file',
      '',
    ];
    const run = await runWeft(['models', '--router', router.address]);
    assert.deepEqual(run, {
      exitCode: 0,
      out: lines.join('\n'),
      err: 'weft: the states alone: the router has no admin service\n',
    });
    const { out } = await runWeft(['models', '--ready', '--json', '--router', router.address]);
    assert.equal(lastCall()?.request['ready'], true);
    assert.deepEqual((JSON.parse(out) as { models: unknown[] }).models[0], {
      name: 'use-lite',
      versions: [{ version: '1', state: 'READY', reason: '' }],
    });
  });

  test('generate prints the text as it comes, and gives it ten minutes', async () => {
    assert.equal(await weft(['generate', 'the best']), 'the best|\n');
    const { timeoutMs = 0 } = lastCall() ?? {};
    assert.ok(timeoutMs > 590_000 && timeoutMs <= 600_000, String(timeoutMs));
  });

  test('infer types its inputs by the metadata of the model', async () => {
    const out = await weft([
      'infer',
      'echo',
      '--input',
      'x=[[1, 2.5], ["NaN", 4]]',
      '--input',
      'n=["9007199254740993"]',
      '--input',
      't=hello',
    ]);
    assert.equal(
      out,
      'x  FP32 [2, 2]\n[[1, 2.5], [NaN, 4]]\nn  INT64 [1]\n[9007199254740993]\nt  BYTES [1, 1]\n[["hello"]]\n',
    );
  });

  test('infer takes requests in JSON and answers in the same form', async () => {
    const request = `{
      "inputs": [
        { "name": "a", "datatype": "INT32", "shape": [2, 1], "data": [[1], [2]] },
        { "name": "b", "datatype": "UINT64", "shape": [], "data": ["18446744073709551615"] }
      ],
      "outputs": [{ "name": "a" }]
    }`;
    const out = await weft(['infer', 'other', '--json', '--request', '-'], request);
    const expected = `{
      "model_name": "other",
      "model_version": "1",
      "outputs": [
        { "name": "a", "datatype": "INT32", "shape": [2, 1], "data": [1, 2] },
        { "name": "b", "datatype": "UINT64", "shape": [], "data": ["18446744073709551615"] }
      ]
    }`;
    assert.deepEqual(JSON.parse(out), JSON.parse(expected));
    assert.deepEqual(lastOutputs(), ['a']);
  });

  test('infer names what is wrong with an input', async () => {
    const failures: [string[], number, RegExp][] = [
      [['infer', 'nobody', '--input', 'x=1'], 1, /Request for unknown model: 'nobody'/],
      [['infer', 'echo', '--input', 'y=1'], 2, /no input 'y'; it has x \(FP32 \[-1, 2\]\), n /],
      [['infer', 'echo', '--input', 'x=[[1, 2], [3]]'], 1, /input 'x': rows/],
      [['infer', 'echo', '--input', 'x=hello'], 2, /is no JSON; the model wants FP32/],
      [['infer', 'echo', '--input', 'n=[1.5]'], 1, /input 'n': 1.5 is no INT64/],
      [['infer', 'echo', '--request', file('bad.json', '{}')], 1, /bad\.json: expected \{"inputs"/],
    ];
    for (const [args, exitCode, message] of failures) {
      const run = await runWeft([...args, '--router', router.address]);
      assert.equal(run.exitCode, exitCode, run.err);
      assert.match(run.err, message);
    }
  });

  test('the router, the token and the timeout come from flags and the environment', async () => {
    const env = { WEFT_ROUTER: router.address, WEFT_TOKEN: 'secret' };
    const { exitCode } = await runWeft(['embed', 'a', '--timeout', '5s', '--tenant', 'shop', '--priority', '2'], {
      env,
    });
    assert.equal(exitCode, 0);
    const { metadata, timeoutMs = 0 } = lastCall() ?? {};
    assert.deepEqual(metadata?.get('authorization'), ['Bearer secret']);
    assert.deepEqual(metadata?.get('weft-tenant'), ['shop']);
    assert.deepEqual(metadata?.get('weft-priority'), ['2']);
    assert.ok(timeoutMs > 3_000 && timeoutMs <= 5_000, String(timeoutMs));
  });

  test('progress is shown on a terminal and wiped before the result', async () => {
    const shell = fakeShell({ errIsTerminal: true });
    await main(['status', '--router', router.address], shell);
    assert.match(shell.written.err, /asking 127\.0\.0\.1:\d+ …/);
    assert.ok(shell.written.err.endsWith('\r\u001b[2K'));
    assert.doesNotMatch(shell.written.out, /asking/);
  });
});

test('status of a router that is not ready exits with 1 and still tells', { timeout: 30_000 }, async () => {
  const router = await startFakeRouter({
    ...answers,
    '/inference.GRPCInferenceService/ServerReady': () => ({ ready: false }),
  });
  try {
    const { exitCode, out, err } = await runWeft(['status', '--router', router.address]);
    assert.equal(exitCode, 1);
    assert.match(out, /live, not ready/);
    assert.equal(err, `weft: the router at ${router.address} is not ready\n`);
  } finally {
    router.stop();
  }
});

test('an internal error names the request under which the log tells more', { timeout: 30_000 }, async () => {
  const router = await startFakeRouter({
    '/weft.nlp.v1.NlpService/Embed': () => {
      throw new Refusal('INTERNAL', 'internal error', { 'x-request-id': 'r-17' });
    },
  });
  try {
    const { exitCode, err } = await runWeft(['embed', 'a', '--router', router.address]);
    assert.deepEqual({ exitCode, err }, { exitCode: 1, err: 'weft: internal error (request r-17)\n' });
  } finally {
    router.stop();
  }
});
