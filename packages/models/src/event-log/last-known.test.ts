import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LastKnown } from './last-known.ts';

const silent = { warn: () => {} };

test('a start removes what a killed process left half written, and not what another replica is writing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-last-known-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const event = { model: 'm', revision: 3, bytes: Buffer.from('event') };
  const before = new LastKnown(folder, silent);
  before.write(event);
  await before.written();
  const [whole = ''] = readdirSync(folder);
  const [left, beingWritten] = [`${whole}.17.1234.5678`, `${whole}.18.9`];
  for (const name of [left, beingWritten]) writeFileSync(join(folder, name), '{"mod');
  utimesSync(join(folder, left), new Date(), new Date(Date.now() - 61_000));
  assert.deepEqual(new LastKnown(folder, silent).read(), [event]);
  assert.deepEqual(readdirSync(folder).sort(), [whole, beingWritten].sort());
});
