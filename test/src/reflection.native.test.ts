// gRPC server reflection at a router and a service: what tools such as grpcurl ask first.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rpcMethod } from '@weft/rpc';
import type { ServerReflectionResponse__Output } from '@weft/rpc/messages/grpc/reflection/v1/ServerReflectionResponse';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { type LocalMesh, startLocalMesh, startModelService } from './testing/local-mesh.ts';

const folder = temporaryFolder();
let mesh: LocalMesh;

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

const pathOf = (version: string) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;

function open({ client }: Dialled, version = 'v1') {
  const method = rpcMethod(pathOf(version));
  return client.makeBidiStreamRequest(
    method.path,
    (request: object) => method.encodeRequest(request),
    (bytes: Buffer) => method.decodeResponse(bytes) as ServerReflectionResponse__Output,
  );
}

/** Asks on one stream, and ends it. */
async function ask(
  client: Dialled,
  version: string,
  requests: readonly object[],
): Promise<ServerReflectionResponse__Output[]> {
  const stream = open(client, version);
  for (const request of requests) stream.write(request);
  stream.end();
  const responses: ServerReflectionResponse__Output[] = [];
  for await (const response of stream) responses.push(response as ServerReflectionResponse__Output);
  return responses;
}

test('router and service list what they serve themselves, in both versions', async () => {
  const shared = [
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
    'grpc.reflection.v1alpha.ServerReflection',
    'inference.GRPCInferenceService',
  ];
  for (const version of ['v1', 'v1alpha']) {
    const listed = async (client: Dialled): Promise<string[]> => {
      const [response] = await ask(client, version, [{ listServices: '' }]);
      return (response?.listServicesResponse?.service ?? []).map(({ name }) => name);
    };
    assert.deepEqual(await listed(mesh.direct), [...shared, 'weft.executor.v1.Executor']);
    assert.deepEqual(await listed(mesh.client), [
      ...shared,
      'weft.generator.v1.GeneratorService',
      'weft.nlp.v1.NlpService',
      'weft.router.v1.Admin',
      'weft.vision.v1.VisionService',
    ]);
  }
});

test('the requests of a stream are answered in their order, and one that fails ends nothing', async () => {
  const responses = await ask(mesh.client, 'v1', [
    { host: 'h', fileContainingSymbol: 'none' },
    { fileContainingSymbol: 'inference.GRPCInferenceService.ModelInfer' },
  ]);
  assert.deepEqual(responses[0]?.errorResponse, { errorCode: 5, errorMessage: "symbol 'none' is not found" });
  assert.deepEqual([responses[0]?.validHost, responses[0]?.originalRequest?.fileContainingSymbol], ['h', 'none']);
  const files = responses[1]?.fileDescriptorResponse?.fileDescriptorProto ?? [];
  assert.equal(files.length, 2);
});

test('a stream that its tool keeps open does not keep a service from stopping', async () => {
  const custom = await startModelService('custom', folder.path);
  const client = dial(custom.address);
  const stream = open(client);
  const ended = new Promise((resolve) => stream.once('end', resolve));
  stream.write({ listServices: '' });
  await new Promise((resolve) => stream.once('data', resolve));
  const started = performance.now();
  await Promise.all([custom.stop(), ended]);
  assert.ok(performance.now() - started < 20_000);
  client.close();
});
