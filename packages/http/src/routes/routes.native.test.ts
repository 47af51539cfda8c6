// The JSON forms of what the process answers itself: what each route asks, and what becomes of the answer.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { UnaryAnswer } from '@weft/dispatch';
import { createGate } from '@weft/rpc';
import { createHttpServer, type HttpOptions } from '../create-http-server.ts';

type Spies = Readonly<Record<string, object | ((request: object) => object)>>;

/** A server whose process answers like this; what it was asked is kept. */
async function started(t: TestContext, answers: Spies) {
  const asked: [string, object][] = [];
  const front = {
    calls: new Map(),
    answers: Object.fromEntries(
      Object.entries(answers).map(([name, answer]): [string, UnaryAnswer<object, object>] => [
        name,
        (request) => {
          asked.push([name, request]);
          return typeof answer === 'function' ? (answer as (request: object) => object)(request) : answer;
        },
      ]),
    ) as unknown as HttpOptions['front']['answers'],
  };
  const write = (): void => {};
  const http = createHttpServer({
    gate: createGate({ boundToLoopback: true }),
    boundToLoopback: true,
    maxMessageBytes: 1_000_000,
    front,
    log: { debug: write, info: write, warn: write, error: write } as unknown as HttpOptions['log'],
  });
  const port = await http.listen('127.0.0.1', 0);
  t.after(() => http.stop(0));
  return {
    asked,
    async ask(path: string, body?: unknown): Promise<unknown> {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
  };
}

test('a configuration has the names of the proto, 64-bit integers as numbers, and keys of maps as they are', async (t) => {
  const config = {
    name: 'm',
    maxBatchSize: 4,
    input: [{ name: 'x', dataType: 'TYPE_FP32', dims: [-1, 3] }],
    dynamicBatching: { preferredBatchSize: [2], maxQueueDelayMicroseconds: 100 },
    parameters: { 'weft.sloMs': { stringValue: '5' } },
  };
  const { ask, asked } = await started(t, { ModelConfig: { config } });
  const json = (await ask('/v2/models/m/versions/2/config')) as Readonly<Record<string, unknown>>;
  assert.deepEqual(asked, [['ModelConfig', { name: 'm', version: '2' }]]);
  assert.equal(json['max_batch_size'], 4);
  assert.deepEqual(json['parameters'], { 'weft.sloMs': { string_value: '5' } });
  const [input] = json['input'] as Readonly<Record<string, unknown>>[];
  assert.deepEqual([input?.['data_type'], input?.['dims']], ['TYPE_FP32', [-1, 3]]);
  const batching = json['dynamic_batching'] as Readonly<Record<string, unknown>>;
  assert.deepEqual([batching['max_queue_delay_microseconds'], batching['preferred_batch_size']], [100, [2]]);
  // perf_analyzer takes what is there for what is configured.
  for (const absent of ['sequence_batching', 'ensemble_scheduling', 'response_cache'])
    assert.ok(!(absent in json), absent);
});

test('statistics are of all models, of one, or of a version', async (t) => {
  const modelStats = [
    { name: 'm', version: '1', inferenceCount: 7, inferenceStats: { success: { count: 7, ns: 5_000_000_000 } } },
  ];
  const { ask, asked } = await started(t, { ModelStatistics: { modelStats } });
  const json = (await ask('/v2/models/stats')) as { model_stats: Readonly<Record<string, unknown>>[] };
  await ask('/v2/models/m/stats');
  await ask('/v2/models/m/versions/1/stats');
  assert.deepEqual(
    asked.map(([, request]) => request),
    [
      { name: '', version: '' },
      { name: 'm', version: '' },
      { name: 'm', version: '1' },
    ],
  );
  const [stats] = json.model_stats;
  assert.deepEqual(
    [stats?.['inference_count'], stats?.['inference_stats']],
    [7, { success: { count: 7, ns: 5_000_000_000 } }],
  );
});

test('load and unload take the parameters of the call, files as base64', async (t) => {
  const { ask, asked } = await started(t, { RepositoryModelLoad: {}, RepositoryModelUnload: {} });
  const parameters = { config: '{"max_batch_size": 2}', 'file:1/model.onnx': Buffer.from('onnx').toString('base64') };
  assert.equal(await ask('/v2/repository/models/a%20b/load', { parameters }), undefined);
  assert.equal(await ask('/v2/repository/models/m/unload', { parameters: { unload_dependents: true } }), undefined);
  const requests = asked.map(([, request]) => request as Readonly<Record<string, unknown>>);
  assert.deepEqual(
    requests.map(({ repositoryName, modelName }) => [repositoryName, modelName]),
    [
      ['', 'a b'],
      ['', 'm'],
    ],
  );
  const [load, unload] = requests.map(
    ({ parameters: given }) => given as Readonly<Record<string, Record<string, unknown>>>,
  );
  assert.equal(load?.['config']?.['stringParam'], parameters.config);
  assert.deepEqual(load?.['file:1/model.onnx']?.['bytesParam'], Buffer.from('onnx'));
  assert.equal(unload?.['unload_dependents']?.['boolParam'], true);
});

test('the files of a load may be as large as a message, and are read elsewhere; other requests are small', async (t) => {
  const { ask, asked } = await started(t, { RepositoryModelLoad: {}, RepositoryModelUnload: {}, RepositoryIndex: {} });
  const file = Buffer.from(Array.from({ length: 700_000 }, (_, at) => at % 251));
  const parameters = { config: '{}', 'file:1/model.onnx': file.toString('base64') };
  assert.equal(await ask('/v2/repository/models/m/load', { parameters }), undefined);
  const [, request] = asked[0] as [string, { modelName: string; parameters: Record<string, { bytesParam: Buffer }> }];
  assert.equal(request.modelName, 'm');
  assert.equal(request.parameters['file:1/model.onnx']?.bytesParam.equals(file), true);
  const load = '/v2/repository/models/m/load';
  await assert.rejects(ask(load, { parameters: { large: ['x'.repeat(300_000)] } }), /must be a text/);
  await assert.rejects(ask(load, { parameters: { 'file:1/m': 'x'.repeat(1_000_000) } }), /larger than 1000000 bytes/);
  await assert.rejects(ask('/v2/repository/index', { ready: true, more: 'x'.repeat(300_000) }), /no more than 262144/);
  assert.equal(asked.length, 1);
});

test('log settings are read and changed by their names', async (t) => {
  const { ask, asked } = await started(t, {
    LogSettings: {
      settings: { log_info: { boolParam: true }, log_verbose_level: { uint32Param: 0 }, log_file: { stringParam: '' } },
    },
  });
  const all = { log_info: true, log_verbose_level: 0, log_file: '' };
  assert.deepEqual(
    [await ask('/v2/logging'), await ask('/v2/logging', { log_info: false, log_verbose_level: 1 })],
    [all, all],
  );
  const settings = asked.map(
    ([, request]) => (request as { settings: Record<string, { boolParam?: boolean; uint32Param?: number }> }).settings,
  );
  assert.deepEqual(settings[0], {});
  assert.deepEqual([settings[1]?.['log_info']?.boolParam, settings[1]?.['log_verbose_level']?.uint32Param], [false, 1]);
});

test('trace settings are texts, of which only levels are many; null goes back to the default', async (t) => {
  const { ask, asked } = await started(t, {
    TraceSetting: { settings: { trace_level: { value: ['TIMESTAMPS'] }, trace_rate: { value: ['1000'] } } },
  });
  const all = { trace_level: ['TIMESTAMPS'], trace_rate: '1000' };
  assert.deepEqual(await ask('/v2/trace/setting'), all);
  assert.deepEqual(
    await ask('/v2/models/m/trace/setting', { trace_rate: 5, trace_level: ['OFF'], log_frequency: null }),
    all,
  );
  assert.deepEqual(asked[1], [
    'TraceSetting',
    {
      modelName: 'm',
      settings: { trace_rate: { value: ['5'] }, trace_level: { value: ['OFF'] }, log_frequency: { value: [] } },
    },
  ]);
});

test('shared memory is asked for, registered and unregistered in its forms', async (t) => {
  const { ask, asked } = await started(t, {
    SystemSharedMemoryStatus: { regions: { r: { name: 'r', key: '/k', offset: 0, byteSize: 64 } } },
    SystemSharedMemoryRegister: {},
    SystemSharedMemoryUnregister: {},
    CudaSharedMemoryRegister: {},
  });
  const regions = [{ name: 'r', key: '/k', offset: 0, byte_size: 64 }];
  assert.deepEqual(
    [await ask('/v2/systemsharedmemory/status'), await ask('/v2/systemsharedmemory/region/r/status')],
    [regions, regions],
  );
  await ask('/v2/systemsharedmemory/region/r/register', { key: '/k', offset: 8, byte_size: 64 });
  await ask('/v2/systemsharedmemory/unregister', {});
  await ask('/v2/systemsharedmemory/region/r/unregister', {});
  await ask('/v2/cudasharedmemory/region/c/register', { raw_handle: { b64: 'AQI=' }, device_id: 1, byte_size: 4 });
  assert.deepEqual(
    asked.map(([, request]) => request),
    [
      { name: '' },
      { name: 'r' },
      { name: 'r', key: '/k', offset: 8, byteSize: 64 },
      { name: '' },
      { name: 'r' },
      { name: 'c', rawHandle: Buffer.of(1, 2), deviceId: 1, byteSize: 4 },
    ],
  );
});
