import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigJson } from './config-file.ts';
import { refuseUnknownParameters } from './known-parameters.ts';

const configWith = (...keys: readonly string[]) =>
  parseConfigJson(JSON.stringify({ parameters: Object.fromEntries(keys.map((key) => [key, { stringValue: '1' }])) }));

test('a misspelt parameter is refused with the one that was meant', () => {
  assert.throws(() => refuseUnknownParameters(configWith('weft.slo')), {
    code: 'INVALID_ARGUMENT',
    message: "parameter 'weft.slo' is no setting of this model: did you mean weft.slo_ms?",
  });
});

test('one that is like none is refused as well', () => {
  assert.throws(() => refuseUnknownParameters(configWith('weft.electricity')), /docs\/models\.md lists them/);
});

test('what any model may have, what the task reads and what is not of weft is let through', () => {
  const pins = ['weft.sha256', 'weft.sha256.part.detection', 'weft.sha256.file.labels'];
  const keys = ['weft.slo_ms', 'weft.pad.ids', 'weft.file.labels', 'weft.min_score', 'execution_mode'];
  const config = configWith(...keys, ...pins);
  refuseUnknownParameters(config, ['min_score']);
  assert.throws(() => refuseUnknownParameters(config), /'weft\.min_score'/);
});
