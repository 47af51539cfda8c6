// The text classification task on played models.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type BackendModel, unmeasured } from '@weft/runtime';
import { float32Tensor, stringElements, stringTensor, type Tensor, type TensorSpec } from '@weft/tensor';
import { textClassification } from './text-classification.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-labels-'));
after(() => rmSync(folder, { recursive: true }));

/** Two classes, the second of which is the likelier the longer a text is; `ids` where it names them. */
function byLength(ids?: readonly string[]) {
  const asked: string[] = [];
  const outputs: TensorSpec[] = [{ name: 'scores', datatype: 'FP32', shape: [-1, 2] }];
  if (ids !== undefined) outputs.push({ name: 'ids', datatype: 'BYTES', shape: [-1, 2] });
  const model: BackendModel = {
    inputs: [{ name: 'texts', datatype: 'BYTES', shape: [-1] }],
    outputs,
    placement: { provider: 'played', fallbackReason: '' },
    async run({ texts }) {
      const elements = stringElements(texts as Tensor);
      asked.push(...elements);
      const scores = elements.flatMap(({ length }) => [1 / (1 + length), length / (1 + length)]);
      const told = { scores: float32Tensor([elements.length, 2], Float32Array.from(scores)) };
      return ids === undefined ? told : { ...told, ids: stringTensor([1, 2], ids) };
    },
    async unload() {},
  };
  return { model, asked };
}

interface Settings {
  readonly labels?: string;
  readonly maxCharacters?: string;
}

function open(model: BackendModel, { labels, maxCharacters }: Settings = {}) {
  const file = join(folder, 'labels.txt');
  if (labels !== undefined) writeFileSync(file, labels);
  const parameters: Record<string, string | undefined> = {
    max_characters: maxCharacters,
    'file.labels': labels === undefined ? undefined : 'file:labels.txt',
  };
  return textClassification({
    modelName: 'm',
    modelVersion: '1',
    parameter: (name) => parameters[name],
    maxRows: () => 8,
    openModel: async () => model,
    file: () => file,
    limits: { maxImagePixels: 1, maxTextBytes: 1 << 20, maxTexts: 9 },
    metrics: unmeasured,
  });
}

/** The likeliest label of each text. */
async function classify(task: Awaited<ReturnType<typeof open>>, texts: readonly string[]): Promise<string[]> {
  const [answer] = (await task.methods[0]?.infer([{ texts, topK: 1 }], [{ throwIfGone() {} }])) ?? [];
  const { results } = answer as { results: { labels: { name: string }[] }[] };
  return results.map(({ labels }) => labels[0]?.name ?? '');
}

test('labels are the ids that the model gives, or those of a file', async () => {
  const ids = ['s', 'l'];
  assert.deepEqual(await classify(await open(byLength(ids).model), ['', 'long']), ['s', 'l']);
  const named = await open(byLength(ids).model, { labels: 'short\nlong\n' });
  assert.deepEqual(await classify(named, ['', 'long']), ['short', 'long']);
  const nameless = await open(byLength().model, { labels: 'short\nlong\n' });
  assert.deepEqual(await classify(nameless, ['', 'long']), ['short', 'long']);
});

test('a model whose classes have no names, or another number of them, is not served', async () => {
  await assert.rejects(open(byLength().model), /weft\.file\.labels: a model that does not name its classes needs it$/);
  for (const labels of ['one\n', 'one\ntwo\nthree\n'])
    await assert.rejects(
      open(byLength(['s', 'l']).model, { labels }),
      /weft\.file\.labels: expected 2 labels, got [13]$/,
    );
});

test('the whole text counts, unless the model looks at its beginning alone', async () => {
  const text = `${'a\r\n'.repeat(20_000)}end`;
  const whole = byLength(['s', 'l']);
  await classify(await open(whole.model), [text]);
  assert.equal(whole.asked.at(-1), text.replaceAll('\r\n', '\n'));
  const cut = byLength(['s', 'l']);
  await classify(await open(cut.model, { maxCharacters: '5' }), [text]);
  assert.equal(cut.asked.at(-1), 'a\na\na');
  await assert.rejects(open(cut.model, { maxCharacters: '0' }), /weft\.max_characters: expected a number above 0/);
});
