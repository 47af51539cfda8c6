import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, compressionAlgorithms, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { rpcMethod } from '../protos.ts';
import { startCallServer } from '../testing/call-server.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';

test('a compressed message counts with its full size: a bomb is refused, what fits is served', async (t) => {
  const calls = await startCallServer((server) => server.unary(embed, () => ({})), { maxMessageBytes: 100_000 });
  t.after(() => calls.stop());
  const client = new Client(`127.0.0.1:${calls.port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
  });
  t.after(() => client.close());
  const { encodeRequest, decodeResponse } = rpcMethod(embed);
  const answerTo = (characters: number): Promise<string> =>
    new Promise((resolve) => {
      const settle = (error: ServiceError | null): void =>
        resolve(error === null ? 'OK' : `${status[error.code]} ${error.details}`);
      const request = { texts: ['x'.repeat(characters)] };
      client.makeUnaryRequest(embed, encodeRequest, decodeResponse, request, settle);
    });
  // 20 MB of one letter are 20 kB as gzip has them.
  assert.match(await answerTo(20_000_000), /^RESOURCE_EXHAUSTED .*decompress/);
  assert.equal(await answerTo(90_000), 'OK');
});
