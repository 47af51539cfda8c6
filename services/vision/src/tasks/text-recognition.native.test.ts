// What the real models read.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { attended, openDefaultModel } from '@weft/runtime/testing';
import { stringElements, type Tensor } from '@weft/tensor';
import sharp from 'sharp';
import { catalogue } from '../catalogue.ts';
import { readPhoto } from '../testing/photos.ts';
import { renderPage, type Row, textsOf } from '../testing/render-text.ts';
import type { ReadLine } from './page-reader.ts';
import { readTextPath } from './text-recognition.ts';

const reader = await openDefaultModel(catalogue, 'pp-ocr');
after(() => reader.close());

async function read(encoded: Buffer): Promise<readonly ReadLine[]> {
  return (await reader.ask<{ lines: ReadLine[] }>(readTextPath, { image: { encoded } })).lines;
}

const texts = (lines: readonly ReadLine[]): string[] => lines.map(({ text }) => text);

const columns = (...[description, quantity, price, amount]: [string, string, string, string]): Row => [
  [50, description],
  [500, quantity],
  [650, price],
  [830, amount],
];

const invoice: Row[] = [
  'Northwind Instruments Ltd.',
  'Invoice No. INV-2024-00317',
  'Date: 14 March 2024',
  "Bill to: Sarah O'Connor, 27 Baker Street",
  'Customer ID: CX-90817 / Terms: net 30 days',
  columns('Description', 'Qty', 'Unit price', 'Amount'),
  columns('Oscilloscope probe 100 MHz', '4', '$38.50', '$154.00'),
  columns('Soldering station, 80 watt', '1', '$219.99', '$219.99'),
  columns('Jumper wires, 120 pcs', '12', '$3.25', '$39.00'),
  columns('Express shipping & handling', '1', '$17.45', '$17.45'),
  [
    [650, 'Subtotal'],
    [830, '$430.44'],
  ],
  [
    [650, 'VAT 19 %'],
    [830, '$81.78'],
  ],
  [
    [650, 'Total due'],
    [830, '$512.22'],
  ],
  'Please pay within 30 days to account DE89 3704 0044 0532 0130 00.',
  'Questions? Call +49 30 901820 or write to billing@northwind.example',
];
const page = await renderPage(invoice);

test('an invoice is read exactly, every line of it in reading order', async () => {
  const lines = await read(page);
  assert.deepEqual(texts(lines), textsOf(invoice));
  assert.ok(lines.every(({ score }) => score > 0.8 && score <= 1));
});

test('each polygon lies around its text, clockwise from the top left', async () => {
  const lines = await read(page);
  for (const [index, { polygon }] of lines.slice(0, 5).entries()) {
    const [a, b, c, d] = polygon as [{ x: number; y: number }, ...{ x: number; y: number }[]];
    assert.ok(polygon.length === 4 && b && c && d);
    const top = 50 + index * 24 * 1.9;
    assert.ok(a.x > 30 && a.x < 52 && a.y > top - 12 && a.y < top + 6, JSON.stringify(polygon));
    assert.ok(a.x < b.x && b.y < c.y && d.x < c.x && a.y < d.y);
    assert.ok(c.y - b.y > 20 && c.y - b.y < 46);
  }
});

test('light text on a dark page is read as well, but for one line at most', async () => {
  const found = texts(await read(await sharp(page).negate({ alpha: false }).png().toBuffer()));
  const expected = textsOf(invoice);
  assert.equal(found.length, expected.length);
  assert.ok(found.filter((text, index) => text !== expected[index]).length <= 1, found.join('\n'));
});

test('a page aslant, or on its side, is read in the same order', async () => {
  const rows: Row[] = [
    columns('First', '10', 'second', 'third'),
    'A longer line below the first',
    columns('left', '25', 'middle', 'right end'),
  ];
  const straight = await renderPage(rows);
  for (const degrees of [3, 90, 180]) {
    const turned = await sharp(straight).rotate(degrees, { background: '#ffffff' }).png().toBuffer();
    assert.deepEqual(texts(await read(turned)), textsOf(rows), `${degrees}°`);
  }
});

test('pages read together give the same lines as each alone', async () => {
  const other = await renderPage(['Second page', columns('Tea', '2', '$3.10', '$6.20'), 'Thank you for your order'], {
    width: 900,
    size: 30,
  });
  const pages = [page, other, await sharp(other).rotate(90).png().toBuffer(), other];
  const requests = pages.map((encoded) => ({ image: { encoded } }));
  const outcomes = await reader.method(readTextPath).infer(
    requests,
    requests.map(() => attended),
  );
  for (const [index, encoded] of pages.entries()) {
    const [alone, together] = [await read(encoded), (outcomes[index] as { lines: ReadLine[] }).lines];
    const unscored = ({ text, polygon }: ReadLine) => ({ text, polygon });
    assert.deepEqual(together.map(unscored), alone.map(unscored));
    for (const [line, { score }] of together.entries())
      assert.ok(Math.abs(score - (alone[line]?.score as number)) < 1e-4);
  }
});

test('a broken image in a batch of three fails alone, and so does one whose reader leaves', async () => {
  const small = await renderPage(['Only one line here']);
  const infer = (encoded: readonly Buffer[], contexts = encoded.map(() => attended)) =>
    reader.method(readTextPath).infer(
      encoded.map((each) => ({ image: { encoded: each } })),
      contexts,
    );
  const brief = (outcomes: readonly object[]) =>
    outcomes.map((outcome) =>
      outcome instanceof WeftError ? outcome.code : texts((outcome as { lines: ReadLine[] }).lines),
    );
  const read = ['Only one line here'];
  assert.deepEqual(brief(await infer([small, small.subarray(0, 300), small])), [read, 'INVALID_ARGUMENT', read]);
  let asked = 0;
  const leaving = {
    throwIfGone() {
      if (++asked > 3) throw new WeftError('CANCELLED', 'the client cancelled');
    },
  };
  assert.deepEqual(brief(await infer([small, small, small], [attended, leaving, attended])), [read, 'CANCELLED', read]);
  assert.ok(asked > 3);
});

test('images without text, however small, have no lines', async () => {
  const blank = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
      .png()
      .toBuffer();
  for (const image of [
    await blank(1, 1),
    await blank(2000, 3),
    await blank(300, 200),
    await readPhoto('horseAndWoman'),
  ]) {
    assert.deepEqual(await read(image), []);
  }
});

test('the tensors say the same as the typed method', async () => {
  const lines = await read(page);
  const image: Tensor = { datatype: 'BYTES', shape: [1], elements: [page] };
  const outputs = await reader.task.tensors?.run({ image });
  assert.deepEqual(stringElements(outputs?.['text'] as Tensor), texts(lines));
  assert.deepEqual(outputs?.['polygon']?.shape, [lines.length, 4, 2]);
});

test('what is wrong with an image is said by the name of the field', async () => {
  await assert.rejects(read(Buffer.from('no image')), {
    code: 'INVALID_ARGUMENT',
    message: /^image: unknown image format/,
  });
});
