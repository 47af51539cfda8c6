// LogSettings and TraceSetting: what a process logs and traces, read and changed while it runs, by Triton's names.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { LogSettingsResponse__Output } from '@weft/rpc/messages/inference/LogSettingsResponse';
import type { TraceSettingResponse__Output } from '@weft/rpc/messages/inference/TraceSettingResponse';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import type { Dialled } from './testing/dial.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';
import { startOtlpReceiver } from './testing/otlp-receiver.ts';

const logPath = '/inference.GRPCInferenceService/LogSettings';
const tracePath = '/inference.GRPCInferenceService/TraceSetting';
const folder = temporaryFolder();
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let mesh: LocalMesh;

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  receiver = await startOtlpReceiver();
  mesh = await startLocalMesh(folder.path, { router: { otlpEndpoint: receiver.endpoint } });
});

after(async () => {
  await mesh.stop();
  await receiver.stop();
  folder.remove();
});

async function logOf(client: Dialled, settings: object = {}): Promise<Record<string, unknown>> {
  const response = await client.ask<LogSettingsResponse__Output>(logPath, { settings });
  return Object.fromEntries(
    Object.entries(response.settings).map(([name, value]) => [name, value[value.parameterChoice ?? 'boolParam']]),
  );
}

async function traceOf(settings: object = {}, modelName = ''): Promise<Record<string, unknown>> {
  const response = await mesh.client.ask<TraceSettingResponse__Output>(tracePath, { settings, modelName });
  return Object.fromEntries(Object.entries(response.settings).map(([name, { value }]) => [name, value.join()]));
}

test('each level of the log is switched by itself, and the lines follow', async () => {
  const usual = {
    log_file: '',
    log_info: true,
    log_warning: true,
    log_error: true,
    log_verbose_level: 0,
    log_format: 'ISO8601',
  };
  assert.deepEqual(await logOf(mesh.client), usual);
  assert.deepEqual(await logOf(mesh.direct), usual);
  const debugLines = (): number => mesh.router.lines.filter(({ level }) => level === 'debug').length;
  await mesh.client.call(inferPath, inferFloats('none', [1]));
  assert.equal(debugLines(), 0);
  const changed = await logOf(mesh.client, {
    log_verbose_level: { uint32Param: 3 },
    log_info: { boolParam: false },
  });
  assert.deepEqual(changed, { ...usual, log_info: false, log_verbose_level: 1 });
  await mesh.client.call(inferPath, inferFloats('none', [1]));
  assert.ok(debugLines() > 0);
  assert.deepEqual(await logOf(mesh.direct), usual);
  await logOf(mesh.client, { log_verbose_level: { uint32Param: 0 }, log_info: { boolParam: true } });
  assert.deepEqual(await logOf(mesh.client), usual);
});

test('a log setting that makes no sense, or names a file, is refused, and none of its request is made', async () => {
  for (const [settings, refusal] of [
    [
      { log_file: { stringParam: '/tmp/x' } },
      'UNIMPLEMENTED log file location can not be updated through network protocol',
    ],
    [{ log_info: { stringParam: 'yes' } }, "INVALID_ARGUMENT log setting 'log_info' must be a bool"],
    [{ log_verbose_level: { boolParam: true } }, "INVALID_ARGUMENT log setting 'log_verbose_level' must be a uint32"],
    [
      { log_format: { stringParam: 'xml' } },
      "INVALID_ARGUMENT log setting 'log_format' must be one of default, ISO8601",
    ],
    [
      { toString: { boolParam: true } },
      "INVALID_ARGUMENT unknown log setting 'toString': expected log_info, log_warning, log_error, log_verbose_level, log_format",
    ],
  ] as const) {
    const request = { settings: { log_error: { boolParam: false }, ...settings } };
    assert.equal((await mesh.client.call(logPath, request)).result, refusal);
  }
  assert.equal((await logOf(mesh.client))['log_error'], true);
});

test('the rate and the number of traces are changed, and what is exported follows', async () => {
  const usual = {
    trace_file: '',
    trace_level: 'TIMESTAMPS',
    trace_rate: '1',
    trace_count: '-1',
    log_frequency: '0',
    trace_mode: 'opentelemetry',
  };
  assert.deepEqual(await traceOf(), usual);
  assert.deepEqual(await traceOf({}, 'plus'), usual);
  const counted = await traceOf({ trace_rate: { value: ['2'] }, trace_count: { value: ['1'] } });
  assert.deepEqual([counted['trace_rate'], counted['trace_count']], ['2', '1']);
  for (let call = 0; call < 5; call += 1) await mesh.client.ask(inferPath, inferFloats('plus', [1, 2]));
  assert.equal((await traceOf())['trace_count'], '0');
  const off = await traceOf({ trace_level: { value: ['OFF'] } });
  assert.equal(off['trace_level'], 'OFF');
  const reset = { trace_rate: { value: [] }, trace_count: { value: [] }, trace_level: { value: [] } };
  assert.deepEqual(await traceOf(reset), usual);
});

test('a trace setting that makes no sense, or names a file, is refused', async () => {
  const refused = async (settings: object, modelName = ''): Promise<string> =>
    (await mesh.client.call(tracePath, { settings, modelName })).result;
  for (const [settings, refusal] of [
    [
      { trace_file: { value: ['/tmp/x'] } },
      'UNIMPLEMENTED trace file location can not be updated through network protocol',
    ],
    [{ trace_level: { value: ['TENSORS'] } }, "INVALID_ARGUMENT trace setting 'trace_level' must be OFF or TIMESTAMPS"],
    [
      { trace_rate: { value: ['0'] } },
      "INVALID_ARGUMENT trace setting 'trace_rate' must be a whole number, at least 1",
    ],
    [
      { trace_count: { value: ['many'] } },
      "INVALID_ARGUMENT trace setting 'trace_count' must be a whole number, at least -1",
    ],
    [
      { trace_mode: { value: ['triton'] } },
      "UNIMPLEMENTED trace setting 'trace_mode' cannot be changed: traces are sent by OpenTelemetry",
    ],
    [
      { other: { value: [] } },
      "INVALID_ARGUMENT unknown trace setting 'other': expected trace_level, trace_rate, trace_count",
    ],
  ] as const)
    assert.equal(await refused(settings), refusal);
  assert.equal(await refused({}, 'none'), "NOT_FOUND Request for unknown model: 'none' is not found");
  assert.equal(
    await refused({ trace_rate: { value: ['2'] } }, 'plus'),
    'UNIMPLEMENTED trace settings hold for all models: change them without a model name',
  );
  // The service exports nothing.
  assert.equal(
    (await mesh.direct.call(tracePath, { settings: { trace_rate: { value: ['2'] } } })).result,
    'FAILED_PRECONDITION nothing is traced: this process was started without --otlp-endpoint',
  );
});
