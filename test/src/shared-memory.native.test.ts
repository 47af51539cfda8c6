// System shared memory: tensors that a client and a service on one host hand each other without sending them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { SystemSharedMemoryStatusResponse__Output } from '@weft/rpc/messages/inference/SystemSharedMemoryStatusResponse';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import type { Dialled } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh } from './testing/local-mesh.ts';

const objects = '/dev/shm';
const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
const key = `weft-test-${randomUUID()}`;
let mesh: LocalMesh;
let without: LocalMesh;

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  mesh = await startLocalMesh(folder.path, { custom: { args: ['--system-shared-memory'] } });
  without = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  await without.stop();
  folder.remove();
  rmSync(join(objects, key), { force: true });
});

const inRegion = (region: string, offset: number, byteSize: number) => ({
  shared_memory_region: { stringParam: region },
  shared_memory_byte_size: { int64Param: byteSize },
  ...(offset === 0 ? {} : { shared_memory_offset: { int64Param: offset } }),
});

/** x and y are both in the object: x from its 8th byte on, y behind it. */
const request = (region: string, outputBytes = 8) => ({
  modelName: 'plus',
  id: 'i',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], parameters: inRegion(region, 0, 8) }],
  outputs: [{ name: 'y', parameters: inRegion(region, 8, outputBytes) }],
});

async function result(client: Dialled, method: string, message: object): Promise<string> {
  return (await client.call(`${protocol}/${method}`, message)).result;
}

describe('where the host has shared memory', { skip: existsSync(objects) ? false : 'no /dev/shm here' }, () => {
  test('inputs are read from a registered region and outputs written there, with an empty entry in the response', async () => {
    const object = Buffer.alloc(32);
    object.writeFloatLE(1.5, 8);
    object.writeFloatLE(-4, 12);
    writeFileSync(join(objects, key), object);
    const region = { name: 'r', key: `/${key}`, offset: 8, byteSize: 16 };
    await mesh.direct.ask(`${protocol}/SystemSharedMemoryRegister`, region);
    const status = await mesh.direct.ask<SystemSharedMemoryStatusResponse__Output>(
      `${protocol}/SystemSharedMemoryStatus`,
      {},
    );
    assert.deepEqual(status.regions, { r: region });
    const response = await mesh.direct.ask<ModelInferResponse__Output>(inferPath, request('r'));
    assert.deepEqual(
      response.outputs.map(({ name, shape, parameters }) => [name, shape, Object.keys(parameters).sort()]),
      [['y', [1, 2], ['shared_memory_byte_size', 'shared_memory_offset', 'shared_memory_region']]],
    );
    assert.deepEqual([response.id, response.rawOutputContents.map(({ length }) => length)], ['i', [0]]);
    const written = readFileSync(join(objects, key));
    assert.deepEqual([written.readFloatLE(16), written.readFloatLE(20)], [2.5, -3]);
    // Who sends its tensors is served as ever.
    assert.deepEqual(floatsOf(await mesh.direct.ask(inferPath, inferFloats('plus', [1, 2]))), [2, 3]);
    assert.equal(
      await result(mesh.direct, 'ModelInfer', request('r', 4)),
      "INVALID_ARGUMENT shared memory size specified with the request for output 'y' (4 bytes) should be at least 8 bytes to hold the results",
    );
    assert.equal(
      await result(mesh.direct, 'ModelInfer', request('other')),
      "INVALID_ARGUMENT Unable to find shared memory region: 'other'",
    );
    await mesh.direct.ask(`${protocol}/SystemSharedMemoryUnregister`, { name: 'r' });
    assert.equal(
      await result(mesh.direct, 'ModelInfer', request('r')),
      "INVALID_ARGUMENT Unable to find shared memory region: 'r'",
    );
  });

  test('keys that leave the folder of shared memory are refused', async () => {
    for (const bad of ['../etc/passwd', '/etc/passwd', '..', 'a/b'])
      assert.equal(
        await result(mesh.direct, 'SystemSharedMemoryRegister', { name: 'r', key: bad, byteSize: 1 }),
        'INVALID_ARGUMENT a shared memory key is one name, with no slash but a leading one',
      );
  });
});

test('a service that was not told to offers none, a router never, and both say who may', async () => {
  const off =
    'FAILED_PRECONDITION system shared memory is switched off: start this service with --system-shared-memory to offer it to clients on its host';
  const routed =
    'UNIMPLEMENTED system shared memory is not offered by a router: a service may offer it to clients on its own host (--system-shared-memory)';
  const named = { name: 'r' };
  for (const method of ['Status', 'Register', 'Unregister']) {
    assert.equal(await result(without.direct, `SystemSharedMemory${method}`, named), off);
    assert.equal(await result(mesh.client, `SystemSharedMemory${method}`, named), routed);
    for (const client of [mesh.client, mesh.direct])
      assert.equal(
        await result(client, `CudaSharedMemory${method}`, named),
        'UNIMPLEMENTED CUDA shared memory is not supported: send tensors in the request',
      );
  }
  for (const client of [without.direct, mesh.client])
    assert.equal(
      await result(client, 'ModelInfer', request('r')),
      'INVALID_ARGUMENT an input lies in shared memory, which is not offered here: a service may offer it to clients on its own host (--system-shared-memory)',
    );
});

test('where nothing can be registered, all of it is taken back', async () => {
  for (const client of [mesh.client, mesh.direct, without.direct])
    assert.equal(await result(client, 'CudaSharedMemoryUnregister', {}), 'OK');
  for (const client of [mesh.client, without.direct])
    assert.equal(await result(client, 'SystemSharedMemoryUnregister', {}), 'OK');
});

test('the extension is named where it is offered', async () => {
  const offers = async (client: Dialled): Promise<boolean> => {
    const { extensions } = await client.ask<{ extensions: string[] }>(`${protocol}/ServerMetadata`, {});
    assert.ok(extensions.includes('statistics'));
    return extensions.includes('system_shared_memory');
  };
  assert.deepEqual(await Promise.all([mesh.direct, mesh.client, without.direct].map(offers)), [true, false, false]);
});
