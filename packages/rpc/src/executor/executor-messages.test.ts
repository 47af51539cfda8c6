import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rpcMethod } from '../protos.ts';
import { Reassembler, fragmentBytes, fragmentsOf, wholeOf } from './fragments.ts';
import {
  decodeReplicaMessage,
  encodeCredit,
  encodeDrain,
  encodeResult,
  encodeSharing,
  type ItemResult,
} from './replica-message.ts';
import {
  decodeRouterMessage,
  encodeBatch,
  encodeCancel,
  encodeDemand,
  encodeOpen,
  readBatch,
  readBatchHeader,
} from './router-message.ts';

const attach = rpcMethod('/weft.executor.v1.Executor/Attach');
const bytes = fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets));
const count = fc.oneof(fc.nat(300), fc.maxSafeInteger().map(Math.abs));
const plain = { noNullPrototype: true };
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

test('our batches are what the generated codec reads and writes', () => {
  const named = fc.oneof(
    fc.maxSafeInteger().map((number) => ({ id: BigInt(Math.abs(number)), theirs: { number: Math.abs(number) } })),
    text.map((id) => ({ id, theirs: { text: id } })),
  );
  const sequence = fc.record({ key: text, named, start: fc.boolean(), end: fc.boolean() }, plain);
  const item = fc.record(
    {
      ...{ payload: bytes, timeoutUs: count, rows: fc.nat(99999), traceparent: text, tenant: text },
      sequence: fc.option(sequence, { nil: undefined }),
    },
    plain,
  );
  const batch = fc.record(
    {
      ...{ id: count, version: text, method: text, instance: fc.nat(999) },
      items: fc.array(item, { maxLength: 5 }),
      released: fc.array(text, { maxLength: 3 }),
    },
    plain,
  );
  fc.assert(
    fc.property(batch, ({ items: made, released, ...header }) => {
      const items = made.map(({ sequence, ...rest }) => {
        if (sequence === undefined) return { ...rest, sequence };
        const { key, start, end } = sequence;
        return { ...rest, sequence: { key, id: sequence.named.id, start, end } };
      });
      const theirItems = made.map(({ sequence, ...rest }) => {
        if (sequence === undefined) return { ...rest, sequence: null };
        const { key, start, end } = sequence;
        const [id] = Object.keys(sequence.named.theirs);
        return { ...rest, sequence: { key, start, end, ...sequence.named.theirs, id } };
      });
      const theirBatch = { ...header, items: theirItems, releasedSequences: released };
      const theirs = attach.decodeRequest(wholeOf(encodeBatch(header, items, released))) as { batch: object };
      assert.deepEqual(theirs.batch, theirBatch);
      const decoded = decodeRouterMessage(attach.encodeRequest({ batch: theirBatch }));
      assert.equal(decoded.kind, 'batch');
      assert.ok('body' in decoded);
      assert.deepEqual(readBatch(decoded.body), { ...header, items, released });
      const rows = items.reduce((sum, { rows }) => sum + rows, 0);
      assert.deepEqual(readBatchHeader(decoded.body), { ...header, itemCount: items.length, rows });
    }),
  );
});

test('the number of a sequence may have all of its 64 bits', () => {
  const sequence = { key: 'k', id: 2n ** 64n - 1n, start: true, end: false };
  const item = { payload: Buffer.from('x'), timeoutUs: 0, rows: 1, traceparent: '', tenant: '', sequence };
  const message = encodeBatch({ id: 1, version: '1', method: '/a.B/C', instance: 0 }, [item]);
  const decoded = decodeRouterMessage(wholeOf(message));
  assert.ok('body' in decoded);
  assert.deepEqual(readBatch(decoded.body).items, [item]);
});

test('our results are what the generated codec reads and writes', () => {
  const times = { queueUs: count, computeInputUs: count, computeInferUs: count, computeOutputUs: count };
  const status = fc.record({ code: fc.nat(16), message: text, requestId: text }, plain);
  const item = fc.record({ index: fc.nat(99999), outcome: fc.oneof(bytes, status), ...times }, plain);
  const { queueUs: _queueUs, ...computeTimes } = times;
  const execution = fc.record({ rows: fc.nat(99999), ...computeTimes }, plain);
  const result = fc.record(
    {
      batchId: count,
      undelivered: fc.boolean(),
      crashed: fc.boolean(),
      last: fc.boolean(),
      items: fc.array(item, { maxLength: 5 }),
      executions: fc.array(execution, { maxLength: 3 }),
    },
    plain,
  );
  fc.assert(
    fc.property(result, (message) => {
      const items = message.items.map(generatedForm);
      assert.deepEqual((attach.decodeResponse(encodeResult(message)) as { result: object }).result, {
        ...message,
        items,
      });
      const decoded = decodeReplicaMessage(attach.encodeResponse({ result: { ...message, items } }));
      assert.deepEqual(decoded, { kind: 'result', result: message });
    }),
  );
});

function generatedForm({ outcome, ...item }: ItemResult): object {
  if (outcome instanceof Uint8Array) return { ...item, outcome: 'payload', payload: outcome };
  return { ...item, outcome: 'status', status: outcome };
}

test('the small messages are what the generated codec reads and writes', () => {
  fc.assert(
    fc.property(fc.tuple(text, text), count, fc.array(fc.nat(99999)), ([one, other], number, numbers) => {
      const fromRouter = (message: object): unknown => decodeRouterMessage(attach.encodeRequest(message));
      const open = { routerId: one, model: other };
      const demand = { version: one, rows: numbers.length, slackUs: number, priority: numbers.length };
      const cancel = { batchId: number, items: numbers };
      assert.deepEqual(attach.decodeRequest(encodeOpen(one, other)), { kind: 'open', open });
      assert.deepEqual(fromRouter({ open }), { kind: 'open', ...open });
      assert.deepEqual(attach.decodeRequest(encodeDemand(demand)), { kind: 'demand', demand });
      assert.deepEqual(fromRouter({ demand }), { kind: 'demand', ...demand });
      assert.deepEqual(attach.decodeRequest(encodeCancel(number, numbers)), { kind: 'cancel', cancel });
      assert.deepEqual(fromRouter({ cancel }), { kind: 'cancel', ...cancel });
      const credit = { version: one, instance: numbers.length };
      assert.deepEqual(attach.decodeResponse(encodeCredit('credit', one, numbers.length)), { kind: 'credit', credit });
      assert.deepEqual(decodeReplicaMessage(attach.encodeResponse({ creditReturn: credit })), {
        kind: 'credit_return',
        ...credit,
      });
      assert.deepEqual(decodeReplicaMessage(attach.encodeResponse({ reservedCredit: credit })), {
        kind: 'reserved_credit',
        ...credit,
      });
      const reserved = { kind: 'reservedCredit', reservedCredit: credit };
      assert.deepEqual(attach.decodeResponse(encodeCredit('reserved_credit', one, numbers.length)), reserved);
      const sharing = { version: one, routers: numbers.length, rows: 7, allRows: numbers[0] ?? 0 };
      assert.deepEqual(attach.decodeResponse(encodeSharing(sharing)), { kind: 'sharing', sharing });
      assert.deepEqual(decodeReplicaMessage(attach.encodeResponse({ sharing })), { kind: 'sharing', ...sharing });
      assert.deepEqual(attach.decodeResponse(encodeDrain(one)), { kind: 'drain', drain: { reason: one } });
    }),
  );
});

/** Of one small item and one with so many bytes. */
function largeBatch(payloadBytes: number) {
  const payloads = [Buffer.from('small'), Buffer.alloc(payloadBytes, 7)];
  const items = payloads.map((payload) => ({ payload, timeoutUs: 5, rows: 1, traceparent: 't', tenant: 'u' }));
  return encodeBatch({ id: 1, version: '1', method: 'm', instance: 0 }, items, ['released']);
}

test('a large batch is in parts that do not copy its payloads, and reads as any other', () => {
  const parts = largeBatch(fragmentBytes);
  assert.ok(Array.isArray(parts));
  assert.ok(Math.max(...parts.filter((part) => part.length !== fragmentBytes).map((part) => part.length)) < 64);
  const decoded = decodeRouterMessage(wholeOf(parts));
  assert.ok('body' in decoded);
  const { items, released, ...header } = readBatch(decoded.body);
  assert.deepEqual(header, { id: 1, version: '1', method: 'm', instance: 0 });
  assert.deepEqual(released, ['released']);
  assert.deepEqual(
    items.map(({ payload, timeoutUs, tenant }) => [payload.length, payload[0], timeoutUs, tenant]),
    [
      [5, 's'.charCodeAt(0), 5, 'u'],
      [fragmentBytes, 7, 5, 'u'],
    ],
  );
});

test('a message over 4 MiB goes in pieces and comes out whole; over the limit it is refused', () => {
  const parts = largeBatch(fragmentBytes * 2 + 5);
  const message = wholeOf(parts);
  const join = (maxBytes: number): Buffer | undefined => {
    const reassembler = new Reassembler(maxBytes);
    let whole: Buffer | undefined;
    for (const fragment of fragmentsOf(parts)) {
      const decoded = decodeRouterMessage(fragment);
      assert.ok(decoded.kind === 'fragment');
      assert.ok(fragment.length < fragmentBytes + 32);
      whole = reassembler.add(decoded.piece, decoded.last);
    }
    return whole;
  };
  assert.equal(fragmentsOf(parts).length, 3);
  assert.deepEqual(fragmentsOf(message), fragmentsOf(parts));
  assert.deepEqual(join(message.length), message);
  assert.throws(() => join(message.length - 1), RangeError);
});

test('random bytes are decoded or refused as malformed, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      for (const decode of [decodeRouterMessage, decodeReplicaMessage]) {
        try {
          decode(Buffer.from(octets));
        } catch (thrown) {
          assert.equal((thrown as Error).name, 'MalformedMessage');
        }
      }
    }),
    { numRuns: 2000 },
  );
});
