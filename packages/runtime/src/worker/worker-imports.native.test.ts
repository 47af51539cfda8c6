import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

test('what every worker imports brings no client, server or parser of protos along', async () => {
  await import('../index.ts');
  const { cache } = createRequire(import.meta.url);
  const packages = new Set(Object.keys(cache).map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]));
  const costly = ['undici', 'nats', '@grpc/grpc-js', '@grpc/proto-loader', 'zod'];
  assert.deepEqual([packages.has('protobufjs'), costly.filter((name) => packages.has(name))], [true, []]);
});
