import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { connect } from './connect.ts';
import type { ConnectOptions } from './connect-options.ts';
import { type Answer, Refusal, startFakeRouter } from './testing/fake-router.ts';

const embed = '/weft.nlp.v1.NlpService/Embed';
const texts = ['a'];
const quickRetries = { maxRetries: 3, initialBackoffMs: 1, maxBackoffMs: 2 };
const never = () => new Promise<object>(() => {});

describe('a client', { timeout: 30_000 }, () => {
  const cleanUps: (() => void)[] = [];
  after(() => {
    for (const cleanUp of cleanUps) cleanUp();
  });

  async function start(answer: Answer, options: Partial<ConnectOptions> = {}) {
    const router = await startFakeRouter({ [embed]: answer });
    const client = connect({ router: router.address, retry: quickRetries, ...options });
    cleanUps.push(
      () => client.close(),
      () => router.stop(),
    );
    return { router, client };
  }

  test('sends the request and reads the answer', async () => {
    const { router, client } = await start(() => ({ model: 'm', modelVersion: '1', embeddings: [{ values: [0.5] }] }));
    const response = await client.nlp.embed({ texts }, { model: 'm', modelVersion: '1' });
    assert.deepEqual(response, { model: 'm', modelVersion: '1', embeddings: [{ values: [0.5] }] });
    assert.deepEqual(router.calls[0]?.request, { model: 'm', modelVersion: '1', texts });
  });

  test('sends a deadline of 60 seconds when nobody says one', async () => {
    const { router, client } = await start(() => ({}));
    await client.nlp.embed({ texts });
    const timeoutMs = router.calls[0]?.timeoutMs ?? 0;
    assert.ok(timeoutMs > 50_000 && timeoutMs <= 60_000, String(timeoutMs));
  });

  test('sends the deadline of the call, as an instant too', async () => {
    const { router, client } = await start(() => ({}));
    await client.nlp.embed({ texts }, { timeoutMs: 5_000 });
    await client.nlp.embed({ texts }, { deadline: new Date(Date.now() + 300_000) });
    const [first = 0, second = 0] = router.calls.map((call) => call.timeoutMs);
    assert.ok(first > 3_000 && first <= 5_000, String(first));
    assert.ok(second > 250_000 && second <= 300_000, String(second));
  });

  test('rejects with DEADLINE_EXCEEDED when no answer comes in time, and tells the server', async () => {
    const { router, client } = await start(never);
    await assert.rejects(client.nlp.embed({ texts }, { timeoutMs: 100 }), {
      name: 'WeftError',
      code: 'DEADLINE_EXCEEDED',
    });
    await router.calls[0]?.cancelled;
    assert.equal(router.calls.length, 1);
  });

  test('does not send what is already too late', async () => {
    const { router, client } = await start(() => ({}));
    const late = client.nlp.embed({ texts }, { deadline: new Date(Date.now() - 1) });
    await assert.rejects(late, { code: 'DEADLINE_EXCEEDED' });
    assert.equal(router.calls.length, 0);
  });

  test('an abort cancels the call here and at the server, and is not retried', async () => {
    const controller = new AbortController();
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { router, client } = await start(() => {
      arrived();
      return never();
    });
    const outcome = client.nlp.embed({ texts }, { signal: controller.signal });
    await arrival;
    controller.abort('enough');
    await assert.rejects(outcome, { name: 'WeftError', code: 'CANCELLED', cause: 'enough' });
    await router.calls[0]?.cancelled;
    assert.equal(router.calls.length, 1);
  });

  test('an abort before the call sends nothing', async () => {
    const { router, client } = await start(() => ({}));
    await assert.rejects(client.nlp.embed({ texts }, { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    assert.equal(router.calls.length, 0);
  });

  test('tries again after UNAVAILABLE until the answer comes', async () => {
    let attempts = 0;
    const { router, client } = await start(() => {
      if (++attempts < 4) throw new Refusal('UNAVAILABLE', 'no replica');
      return { model: 'm' };
    });
    assert.equal((await client.nlp.embed({ texts })).model, 'm');
    assert.equal(router.calls.length, 4);
  });

  test('gives up after three retries with the last error', async () => {
    const { router, client } = await start(() => {
      throw new Refusal('UNAVAILABLE', 'no replica');
    });
    await assert.rejects(client.nlp.embed({ texts }), { code: 'UNAVAILABLE', message: 'no replica', retryable: true });
    assert.equal(router.calls.length, 4);
  });

  for (const code of ['RESOURCE_EXHAUSTED', 'INTERNAL', 'ABORTED', 'NOT_FOUND', 'INVALID_ARGUMENT'] as const) {
    test(`does not try ${code} again, and keeps code and message`, async () => {
      const { router, client } = await start(() => {
        throw new Refusal(code, 'because');
      });
      const outcome = client.nlp.embed({ texts });
      await assert.rejects(outcome, { name: 'WeftError', code, message: 'because', retryable: false });
      assert.equal(router.calls.length, 1);
    });
  }

  test('hands on the pushback, and obeys a negative one', async () => {
    const { router, client } = await start(() => {
      throw new Refusal('UNAVAILABLE', 'full', { 'grpc-retry-pushback-ms': '-1' });
    });
    await assert.rejects(client.nlp.embed({ texts }), { code: 'UNAVAILABLE', retryAfterMs: -1 });
    assert.equal(router.calls.length, 1);
  });

  test('waits as long as the pushback says', async () => {
    const sleeps: number[] = [];
    let attempts = 0;
    const router = await startFakeRouter({
      [embed]: () => {
        if (++attempts === 1) throw new Refusal('UNAVAILABLE', 'full', { 'grpc-retry-pushback-ms': '1234' });
        return {};
      },
    });
    const surroundings = { now: Date.now, random: Math.random, sleep: async (ms: number) => void sleeps.push(ms) };
    const client = connect({ router: router.address }, surroundings);
    cleanUps.push(
      () => client.close(),
      () => router.stop(),
    );
    await client.nlp.embed({ texts });
    assert.deepEqual(sleeps, [1234]);
  });

  test('an answer of status UNKNOWN is INTERNAL', async () => {
    const { client } = await start(() => {
      throw new Error('a foreign server said so');
    });
    await assert.rejects(client.nlp.embed({ texts }), { code: 'INTERNAL' });
  });

  test('sends token, tenant, priority and the metadata of the call', async () => {
    const { router, client } = await start(() => ({}), { token: 'secret', tenant: 'shop', priority: 2 });
    const metadata = { 'x-request-id': 'r1', 'trace-bin': new Uint8Array([0, 255]) };
    await client.nlp.embed({ texts }, { metadata });
    const received = router.calls[0]?.metadata;
    assert.deepEqual(received?.get('authorization'), ['Bearer secret']);
    assert.deepEqual(received?.get('weft-tenant'), ['shop']);
    assert.deepEqual(received?.get('weft-priority'), ['2']);
    assert.deepEqual(received?.get('x-request-id'), ['r1']);
    assert.deepEqual(received?.get('trace-bin'), [Buffer.from([0, 255])]);
  });

  test('a token that gRPC cannot send is refused without repeating it', async () => {
    const { client } = await start(() => ({}), { token: 'sec\nret' });
    await assert.rejects(client.nlp.embed({ texts }), (error: unknown) => {
      assert.ok(error instanceof WeftError);
      assert.equal(error.code, 'INVALID_ARGUMENT');
      assert.doesNotMatch(error.message, /sec/);
      return true;
    });
  });

  test('messages of 40 MB pass both ways', async () => {
    const { client } = await start(({ request }) => ({ model: (request['texts'] as string[])[0] }));
    const text = 'x'.repeat(40_000_000);
    assert.equal((await client.nlp.embed({ texts: [text] })).model.length, text.length);
  });

  test('an answer over the limit is RESOURCE_EXHAUSTED', async () => {
    const { client } = await start(() => ({ model: 'x'.repeat(2_000) }), { maxMessageBytes: 1_000 });
    await assert.rejects(client.nlp.embed({ texts }), { code: 'RESOURCE_EXHAUSTED' });
  });

  test('a request that does not fit its message is INVALID_ARGUMENT and is not sent', async () => {
    const { router, client } = await start(() => ({}));
    const wrong = { texts: 'not an array' } as unknown as { texts: string[] };
    await assert.rejects(client.nlp.embed(wrong), { code: 'INVALID_ARGUMENT', message: /texts: array expected/ });
    assert.equal(router.calls.length, 0);
  });

  test('a router that is not there is UNAVAILABLE, with its address', async () => {
    const router = await startFakeRouter({});
    router.stop();
    const client = connect({ router: router.address, retry: quickRetries });
    cleanUps.push(() => client.close());
    await assert.rejects(client.server.live(), {
      code: 'UNAVAILABLE',
      message: `cannot reach the router at ${router.address}: connect ECONNREFUSED`,
    });
  });

  test('closing cancels what is in flight and refuses what comes later', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { client } = await start(() => {
      arrived();
      return never();
    });
    const outcome = assert.rejects(client.nlp.embed({ texts }), { code: 'CANCELLED' });
    await arrival;
    client.close();
    await outcome;
    await assert.rejects(client.nlp.embed({ texts }), { code: 'FAILED_PRECONDITION', message: 'the client is closed' });
  });
});

test('a token does not travel unencrypted to another machine', () => {
  const options = { router: 'weft.example:8001', token: 'secret' };
  assert.throws(() => connect(options), { code: 'INVALID_ARGUMENT', message: /unencrypted to weft.example:8001/ });
  connect({ ...options, tls: true }).close();
  connect({ ...options, allowPlaintextToken: true }).close();
});

test('a certificate without its key is refused', () => {
  const tls = { cert: 'x' };
  assert.throws(() => connect({ router: 'localhost', tls }), { code: 'INVALID_ARGUMENT', message: /cert and key/ });
});
