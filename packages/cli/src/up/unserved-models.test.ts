import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unservedModels } from './unserved-models.ts';

const repository = mkdtempSync(join(tmpdir(), 'weft-unserved-'));
after(() => rmSync(repository, { recursive: true }));

for (const [name, service] of [
  ['plain', undefined],
  ['spoken', 'audio'],
] as const) {
  mkdirSync(join(repository, name, '1'), { recursive: true });
  writeFileSync(join(repository, name, '1', 'model.onnx'), '');
  if (service === undefined) continue;
  const parameter = `parameters { key: "weft.service" value { string_value: "${service}" } }`;
  writeFileSync(join(repository, name, 'config.pbtxt'), parameter);
}

function unserved(services: string[], endpoints: string[] = []): string[] {
  const models = unservedModels({ modelRepository: [repository], services, endpoints });
  return models.map(({ name, state, reason }) => `${name} ${state} ${reason}`);
}

test('a model of a service that is not started, or does not exist, is told with the reason', () => {
  assert.deepEqual(unserved(['nlp', 'custom']), ["spoken UNAVAILABLE no service 'audio' is started here"]);
  assert.deepEqual(unserved(['nlp']), [
    "plain UNAVAILABLE no service 'custom' is started here",
    "spoken UNAVAILABLE no service 'audio' is started here",
  ]);
});

test('nothing is said of models that replicas elsewhere may serve', () => {
  assert.deepEqual(unserved(['nlp'], ['10.0.0.7:8041']), []);
});
