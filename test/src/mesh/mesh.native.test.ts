// The whole of weft as its users meet it: started by its command, asked by its command and by clients in other languages,
// ended by a signal. Every model is the real one.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { protoDirectory, rpcMethod } from '@weft/rpc';
import sharp from 'sharp';
import { dogPhoto, invoiceLines, renderInvoice } from './fixtures.ts';
import { root, runCommand } from './run-command.ts';
import { type StartedMesh, startMesh } from './started-mesh.ts';

const directory = mkdtempSync(join(tmpdir(), 'weft-e2e-'));
const invoice = join(directory, 'invoice.png');
let mesh: StartedMesh;

before(async () => {
  await renderInvoice(invoice);
  mesh = await startMesh();
});

after(async () => {
  rmSync(directory, { recursive: true, force: true });
  const code = await mesh.stop('SIGTERM');
  assert.equal(code, 0);
});

async function text(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await mesh.command(...words);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function json<Answer>(...words: string[]): Promise<Answer> {
  return JSON.parse(await text(...words, '--json')) as Answer;
}

test('weft up prints its endpoints and models, then a line that says it is ready', () => {
  assert.match(mesh.output(), /^router +127\.0\.0\.1:\d+ /m);
  assert.match(mesh.output(), /^rrdn-gan +1 +generator +READY +cpu/m);
  assert.match(mesh.output(), /\nweft ready\n$/);
});

test('weft read reads every line of an invoice exactly', async () => {
  assert.deepEqual((await text('read', invoice)).trimEnd().split('\n'), invoiceLines);
});

test('weft detect finds the dog', async () => {
  const { detections } = await json<{ detections: { label: string; score: number }[] }>('detect', dogPhoto);
  assert.equal(detections[0]?.label, 'dog');
});

test('weft rank puts the paraphrase first', async () => {
  const { results } = await json<{ results: { index: number; score: number }[] }>(
    'rank',
    'The cat sleeps on the sofa',
    'Shares fell sharply today',
    'A kitten naps on the couch',
  );
  assert.equal(results[0]?.index, 1);
});

test('weft embed gives vectors of unit length', async () => {
  const { embeddings } = await json<{ embeddings: { values: number[] }[] }>('embed', 'one text', 'another');
  for (const { values } of embeddings) assert.ok(Math.abs(Math.hypot(...values) - 1) < 1e-3);
  assert.equal(embeddings.length, 2);
});

test('weft classify knows a program by its text and a symbol by its picture', async () => {
  const program = join(directory, 'program.txt');
  writeFileSync(
    program,
    '#include <stdio.h>\n#include <stdlib.h>\n\nint main(int argc, char **argv) {\n  printf("%d\\n", argc);\n  return EXIT_SUCCESS;\n}\n',
  );
  assert.match(await text('classify', program), /^C \s*0\.\d+/m);
  const symbol = join(directory, 'symbol.png');
  const strokes =
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><rect width="300" height="300" fill="white"/><path d="M210 75 L165 180 L120 232 L71 180 L75 117 L117 70 L162 120 L190 200 L222 232" stroke="black" stroke-width="10" fill="none"/></svg>';
  await sharp(Buffer.from(strokes)).png().toFile(symbol);
  assert.match((await text('classify', symbol)).split('\n')[1] ?? '', /alpha/);
});

test('weft summarize picks sentences of the text', async () => {
  const page = join(directory, 'page.txt');
  const sentences = [
    'The river rose after a week of rain.',
    'Water reached the lower streets by noon.',
    'My aunt collects stamps.',
    'Volunteers filled sandbags along the bank.',
    'The flood stopped just below the bridge.',
  ];
  writeFileSync(page, sentences.join(' '));
  const { summary, sentenceIndexes } = await json<{ summary: string; sentenceIndexes: number[] }>(
    'summarize',
    page,
    '--sentences',
    '2',
  );
  assert.equal(summary, sentenceIndexes.map((index) => sentences[index]).join(' '));
  assert.ok(!sentenceIndexes.includes(2));
});

test('weft upscale writes an image four times the size', async () => {
  const small = join(directory, 'small.png');
  const large = join(directory, 'large.png');
  await sharp(dogPhoto).resize(60, 40).png().toFile(small);
  await text('upscale', small, large);
  const { width, height, format } = await sharp(large).metadata();
  assert.deepEqual([width, height, format], [240, 160, 'png']);
});

test('a wrong file is one line on stderr and exit code 1, wrong usage is 2', async () => {
  const missing = await mesh.command('read', join(directory, 'none.png'));
  assert.deepEqual([missing.code, missing.stdout, missing.stderr.trimEnd().split('\n').length], [1, '', 1]);
  const broken = join(directory, 'broken.png');
  writeFileSync(broken, 'no image');
  assert.match((await mesh.command('read', broken)).stderr, /^weft: .*image/);
  assert.equal((await mesh.command('read')).code, 2);
});

interface Answers {
  readonly model: string;
  readonly embeddings: readonly (readonly number[])[];
  readonly lines: readonly string[];
  readonly inputs: readonly (readonly [string, string, readonly number[]])[];
  readonly error: readonly string[];
}

const texts = ['a quiet river', 'naïve café 🐎'];

async function askWithGrpcJs(image: Buffer): Promise<Answers> {
  const client = new Client(mesh.router, credentials.createInsecure());
  const call = <Response>(path: string, request: object): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { encodeRequest, decodeResponse } = rpcMethod(path);
      client.makeUnaryRequest(path, encodeRequest, decodeResponse, request, (error, response) => {
        if (error === null) resolve(response as Response);
        else reject(error);
      });
    });
  try {
    const embed = await call<{ model: string; embeddings: { values: number[] }[] }>('/weft.nlp.v1.NlpService/Embed', {
      texts,
    });
    const { lines } = await call<{ lines: { text: string }[] }>('/weft.vision.v1.VisionService/ReadText', {
      image: { encoded: image },
    });
    const { inputs } = await call<{ inputs: { name: string; datatype: string; shape: number[] }[] }>(
      '/inference.GRPCInferenceService/ModelMetadata',
      { name: 'blazeface' },
    );
    const refused = await call('/weft.nlp.v1.NlpService/Embed', { model: 'nobody', texts: ['x'] }).catch(
      (error: { details: string }) => error,
    );
    return {
      model: embed.model,
      embeddings: embed.embeddings.map(({ values }) => values),
      lines: lines.map((line) => line.text),
      inputs: inputs.map(({ name, datatype, shape }) => [name, datatype, shape] as const),
      error: ['NOT_FOUND', (refused as { details: string }).details],
    };
  } finally {
    client.close();
  }
}

async function askWithPython(): Promise<Answers> {
  const stubs = join(directory, 'stubs');
  mkdirSync(stubs);
  const protos = readdirSync(protoDirectory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.proto'),
  );
  const plugin = '--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin';
  const generated = await runCommand('/usr/bin/protoc', [
    '-I',
    protoDirectory,
    '-I',
    '/usr/include',
    plugin,
    `--python_out=${stubs}`,
    `--grpc_python_out=${stubs}`,
    ...protos,
  ]);
  assert.equal(generated.code, 0, generated.stderr);
  const client = join(root, 'test/clients/python_client.py');
  const { code, stdout, stderr } = await runCommand('/usr/bin/python3', [client, stubs, mesh.router, invoice]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Answers;
}

async function askWithBuf(image: Buffer): Promise<Answers> {
  const buf = join(root, 'node_modules/.bin/buf');
  const call = async (
    path: string,
    request: object,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const file = join(directory, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    return runCommand(
      buf,
      [
        'curl',
        '--protocol',
        'grpc',
        '--http2-prior-knowledge',
        '--schema',
        '.',
        '--data',
        `@${file}`,
        `http://${mesh.router}${path}`,
      ],
      { cwd: root },
    );
  };
  const answer = async <Response>(path: string, request: object): Promise<Response> => {
    const { code, stdout, stderr } = await call(path, request);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Response;
  };
  const embed = await answer<{ model: string; embeddings: { values: number[] }[] }>('/weft.nlp.v1.NlpService/Embed', {
    texts,
  });
  const { lines } = await answer<{ lines: { text: string }[] }>('/weft.vision.v1.VisionService/ReadText', {
    image: { encoded: image.toString('base64') },
  });
  const { inputs } = await answer<{ inputs: { name: string; datatype: string; shape: string[] }[] }>(
    '/inference.GRPCInferenceService/ModelMetadata',
    { name: 'blazeface' },
  );
  const refused = await call('/weft.nlp.v1.NlpService/Embed', { model: 'nobody', texts: ['x'] });
  const { code, message } = JSON.parse(refused.stderr) as { code: string; message: string };
  return {
    model: embed.model,
    embeddings: embed.embeddings.map(({ values }) => values.map(Math.fround)),
    lines: lines.map((line) => line.text),
    inputs: inputs.map(({ name, datatype, shape }) => [name, datatype, shape.map(Number)] as const),
    error: [code.toUpperCase(), message],
  };
}

test('grpc-js, Python and buf get the same answers', async () => {
  const image = await sharp(invoice).png().toBuffer();
  const fromNode = await askWithGrpcJs(image);
  assert.deepEqual(fromNode.lines, invoiceLines);
  assert.match(fromNode.error[1] ?? '', /nobody/);
  assert.deepEqual(await askWithPython(), fromNode);
  assert.deepEqual(await askWithBuf(image), fromNode);
});

test('SIGINT ends a mesh with exit code 0 after what is in flight is answered', async () => {
  const other = await startMesh('--services', 'nlp');
  const many = Array.from({ length: 400 }, (_, index) => `text number ${index} of a long list that takes its time`);
  const running = other.command('embed', '--json', ...many);
  const metrics = /^router +\S+ +\S+ +(\S+)/m.exec(other.output())?.[1] ?? '';
  const inflight = async (): Promise<boolean> =>
    /^weft_requests_inflight(?:\{[^}]*\})? 1\b/m.test(await (await fetch(metrics)).text());
  while (!(await inflight()));
  const [code, answer] = await Promise.all([other.stop('SIGINT'), running]);
  assert.equal(answer.code, 0, answer.stderr);
  assert.equal((JSON.parse(answer.stdout) as { embeddings: unknown[] }).embeddings.length, many.length);
  assert.equal(code, 0);
});
