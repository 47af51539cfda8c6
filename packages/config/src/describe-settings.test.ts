import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSettings, settingsMarkdown } from './describe-settings.ts';
import { readSettings } from './read-settings.ts';
import { defineSettings, withDefaults } from './setting.ts';
import { limitSettings } from './settings/limit-settings.ts';
import { logSettings } from './settings/log-settings.ts';
import { modelSettings } from './settings/model-settings.ts';
import { routerSettings } from './settings/router-settings.ts';
import { serverSettings } from './settings/server-settings.ts';

test('a row tells flag, variable, type, default with its unit, and documentation', () => {
  const rows = describeSettings({
    maxMessageBytes: serverSettings.maxMessageBytes,
    drainTimeout: serverSettings.drainTimeout,
  });
  assert.deepEqual(rows, [
    {
      flag: '--max-message-bytes',
      env: 'WEFT_MAX_MESSAGE_BYTES',
      type: 'bytes',
      default: '64MiB',
      doc: 'Largest message that is accepted or sent',
    },
    {
      flag: '--drain-timeout',
      env: 'WEFT_DRAIN_TIMEOUT',
      type: 'duration',
      default: '30s',
      doc: 'How long a stopping process waits for what is in flight',
    },
  ]);
});

test('a boolean that is on is described by the flag that switches it off', () => {
  const [row] = describeSettings({ defaultModels: modelSettings.defaultModels });
  assert.deepEqual([row?.flag, row?.env, row?.default], ['--no-default-models', 'WEFT_DEFAULT_MODELS', 'true']);
});

test('every described default is accepted by its own variable', () => {
  const groups = { ...serverSettings, ...logSettings, ...modelSettings, ...limitSettings, ...routerSettings };
  const described = describeSettings(groups).map((row) => [row.env, row.default]);
  const fromDefaults = readSettings(groups, { argv: [], env: {} });
  assert.deepEqual(readSettings(groups, { argv: [], env: Object.fromEntries(described) }), fromDefaults);
});

test('no two settings of the shared groups share a name', () => {
  const groups = [serverSettings, logSettings, modelSettings, limitSettings, routerSettings];
  const variables = groups.flatMap((group) => describeSettings(group).map((row) => row.env));
  assert.equal(new Set(variables).size, variables.length);
});

test('a service fills in the ports that its group leaves open', () => {
  const definitions = withDefaults(serverSettings, { port: 8011, metricsPort: 8012 });
  const settings = readSettings(definitions, { argv: [], env: {} });
  const port: number = settings.port;
  assert.equal(port, 8011);
  assert.equal(serverSettings.port.kind, 'port');
  assert.equal(Object.hasOwn(serverSettings.port, 'default'), false);
});

test('markdown has one table for each group, with bars in cells escaped', () => {
  const settings = defineSettings({ format: { kind: 'choice', values: ['a', 'b'], doc: 'Form' } });
  assert.equal(
    settingsMarkdown([{ title: 'Output', settings }]),
    [
      '## Output',
      '',
      '| flag | variable | type | default | what it is |',
      '|---|---|---|---|---|',
      '| `--format` | `WEFT_FORMAT` | a \\| b |  | Form |',
      '',
    ].join('\n'),
  );
});
