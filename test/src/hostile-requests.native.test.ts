// Requests that mean no good, through a real mesh: each gets its status and text, over unary calls and in streams, and nothing
// changes: not the index, not the settings, not what any model answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import { answeredByteCases, inferByteCases } from './hostile/hostile-bytes.ts';
import { hostileCalls } from './hostile/hostile-calls.ts';
import { settings } from './hostile/hostile-settings.ts';
import { nameCases } from './hostile/hostile-names.ts';
import { type HostileMesh, protocol, startHostileMesh } from './hostile/hostile-mesh.ts';
import { parameterCases } from './hostile/hostile-parameters.ts';
import { tensorCases } from './hostile/hostile-tensors.ts';
import { inferPath } from './testing/infer-request.ts';
import { openStream } from './testing/open-stream.ts';
import { streamInferPath } from './testing/repeat-model.ts';

let mesh: HostileMesh;
let atFirst: unknown;

before(async () => {
  mesh = await startHostileMesh();
  atFirst = await mesh.standing();
});

after(() => mesh.stop());

/** To be called last in a group. */
function changesNothing(): void {
  test('and nothing has changed', async () => assert.deepEqual(await mesh.standing(), atFirst));
}

function says(result: string, expected: string | RegExp): void {
  if (typeof expected === 'string') assert.equal(result, expected);
  else assert.match(result, expected);
}

const inferCases = { ...tensorCases, names: nameCases, ...parameterCases, bytes: inferByteCases };

for (const [group, cases] of Object.entries(inferCases))
  describe(`ModelInfer refuses ${group}`, () => {
    const answers = new Map<string, string>();
    for (const [what, [request, expected]] of Object.entries(cases))
      test(what, async () => {
        const { result } = await mesh.client.call(inferPath, request);
        answers.set(what, result);
        says(result, expected);
      });

    test('and all of them in one stream, which goes on and tells each by its id', async () => {
      const stream = openStream<ModelStreamInferResponse__Output>(mesh.client, streamInferPath);
      // What a stream does with a decoupled model is another thing.
      const sent = Object.entries(cases).filter(([what]) => !/decoupled/.test(what));
      for (const [what, [request]] of sent) stream.send(Buffer.isBuffer(request) ? request : { ...request, id: what });
      stream.end();
      const told = (await stream.rest()).map(
        ({ errorMessage, inferResponse }) => `${inferResponse?.id}: ${errorMessage}`,
      );
      const textOf = (what: string): string => (answers.get(what) ?? '').replace(/^[A-Z_]+ /, '');
      assert.deepEqual(
        [...told, await stream.result()],
        [...sent.map(([what, [request]]) => `${Buffer.isBuffer(request) ? '' : what}: ${textOf(what)}`), 'OK'],
      );
    });
    changesNothing();
  });

describe('calls that the router answers refuse', () => {
  for (const [group, calls] of Object.entries({ ...hostileCalls, settings }))
    describe(group, () => {
      for (const { what, path, request, expected } of calls)
        test(what, async () => says((await mesh.client.call(path, request)).result, expected));
      changesNothing();
    });

  describe('bytes that are no message', () => {
    for (const [what, [request, expected]] of Object.entries(answeredByteCases))
      test(what, async () => {
        for (const method of answered)
          says((await mesh.client.call(`${protocol}/${method}`, request)).result, expected);
      });
    changesNothing();
  });
});

const answered = [
  'ServerLive',
  'ModelReady',
  'ModelMetadata',
  'ModelConfig',
  'ModelStatistics',
  'RepositoryIndex',
  'RepositoryModelLoad',
  'RepositoryModelUnload',
  'LogSettings',
  'TraceSetting',
  'SystemSharedMemoryRegister',
  'CudaSharedMemoryRegister',
];
