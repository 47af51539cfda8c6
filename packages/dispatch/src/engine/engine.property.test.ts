// Whatever happens in whatever order, every call is settled once: never lost, never twice. Random histories of three
// replicas that answer, refuse, crash, hang and vanish, a few versions and many calls of several tenants and classes, some
// sent again for taking long; at the end a replica that serves everything must empty the engine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { parseConfigText } from '@weft/models';
import fc from 'fast-check';
import { FakeReplica, type ReceivedBatch } from '../testing/fake-replica.ts';
import { startEngine, type SubmittedCall, turns } from '../testing/start-engine.ts';
import { parameter } from '../testing/start-mesh.ts';
import { replicaState, version } from '../testing/states.ts';

const batchSteps = ['answer', 'answer', 'bounce', 'half', 'crash', 'refuse', 'fail', 'cancelled'] as const;
type BatchStep = (typeof batchSteps)[number];
type Readiness = 'MODEL_STATE_READY' | 'MODEL_STATE_UNLOADING' | 'absent';

type Step =
  | {
      readonly kind: 'submit';
      readonly version: string;
      readonly rows: number;
      readonly deadlineMs: number;
      readonly timeoutMs: number;
      readonly priority: number;
      readonly tenant: string;
    }
  | { readonly kind: 'cancel'; readonly call: number }
  | {
      readonly kind: 'report';
      readonly replica: number;
      readonly states: readonly Readiness[];
      readonly draining: boolean;
    }
  | { readonly kind: 'grant'; readonly replica: number; readonly version: string }
  | { readonly kind: BatchStep; readonly replica: number; readonly batch: number }
  | { readonly kind: 'lose stream'; readonly replica: number }
  | { readonly kind: 'lose replica'; readonly replica: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'turn' };

const replicaIndex = fc.nat({ max: 2 });
const versionName = fc.constantFrom('1', '2');
const readiness = fc.constantFrom<Readiness>(
  'MODEL_STATE_READY',
  'MODEL_STATE_READY',
  'MODEL_STATE_READY',
  'MODEL_STATE_READY',
  'MODEL_STATE_READY',
  'MODEL_STATE_UNLOADING',
  'absent',
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      version: fc.constantFrom('', '', '1', '2'),
      rows: fc.integer({ min: 1, max: 6 }),
      deadlineMs: fc.constantFrom(20, 1000, 100_000, Number.POSITIVE_INFINITY),
      timeoutMs: fc.constantFrom(10, 500, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
      priority: fc.nat({ max: 3 }),
      tenant: fc.constantFrom('a', 'b'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), call: fc.nat({ max: 30 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      replica: replicaIndex,
      states: fc.tuple(readiness, readiness),
      draining: fc.constantFrom(false, false, false, false, false, false, true),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('grant' as const), replica: replicaIndex, version: versionName }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom(...batchSteps),
      replica: replicaIndex,
      batch: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose stream' as const), replica: replicaIndex }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose replica' as const), replica: replicaIndex }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1, 30, 250, 2500) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
);

/** Every other version is hedged. */
const configs = ['1', '2'].map((number) =>
  parseConfigText(`name: "m" max_batch_size: 4 ${number === '1' ? parameter('hedge_ms', '40') : ''}`),
);
const ready = 'MODEL_STATE_READY';

class History {
  readonly started = startEngine({ maxQueueSize: 12 });
  readonly replicas = [new FakeReplica(), new FakeReplica(), new FakeReplica()];
  readonly calls: SubmittedCall[] = [];
  readonly cancelled = new Set<SubmittedCall>();
  /** Calls that were refused at the door. */
  refused = 0;

  report(index: number, states: readonly Readiness[], draining = false): void {
    const models = states.flatMap((state, at) =>
      state === 'absent' ? [] : [version('m', String(at + 1), { state, config: configs[at] ?? null })],
    );
    const replica = this.replicas[index] as FakeReplica;
    this.started.engine.updateReplica(
      String(index),
      replicaState(models, { replicaId: String(index), draining }),
      replica.open,
    );
  }

  async take(step: Step): Promise<void> {
    const { clock, engine, submit } = this.started;
    switch (step.kind) {
      case 'submit':
        try {
          const { kind: _, deadlineMs, ...fields } = step;
          this.calls.push(submit(String(this.calls.length), { ...fields, deadlineMs: clock.now() + deadlineMs }));
        } catch {
          this.refused++;
        }
        break;
      case 'cancel': {
        const call = this.calls[step.call];
        if (call === undefined || call.settled() > 0) break;
        call.pending.cancel();
        this.cancelled.add(call);
        break;
      }
      case 'report':
        this.report(step.replica, step.states, step.draining);
        break;
      case 'advance':
        clock.advance(step.ms);
        break;
      case 'lose replica':
        engine.loseReplica(String(step.replica));
        break;
      case 'turn':
        await turns();
        break;
      default:
        this.act(step, this.replicas[step.replica] as FakeReplica);
    }
  }

  act(
    step: Exclude<Step, { kind: 'submit' | 'cancel' | 'report' | 'advance' | 'lose replica' | 'turn' }>,
    replica: FakeReplica,
  ): void {
    if (replica.attached.length === 0) return;
    if (step.kind === 'lose stream') replica.lose();
    else if (step.kind === 'grant') replica.grant(step.version);
    else {
      // One of the last of this stream, which may well have ended already.
      const batch = replica.batches.at(-1 - step.batch);
      if (batch === undefined || !replica.hears(batch)) return;
      this.end(step.kind, replica, batch);
    }
  }

  /** What the replica makes of a batch, which may have ended before. */
  end(kind: BatchStep, replica: FakeReplica, batch: ReceivedBatch): void {
    if (kind === 'answer') replica.echo(batch);
    else if (kind === 'bounce') replica.bounce(batch);
    else if (kind === 'crash') replica.crash(batch);
    else if (kind === 'half') replica.answer(batch.id, { 0: String(batch.items[0]?.payload) }, { last: false });
    else {
      const code = { refuse: status.UNAVAILABLE, fail: status.INTERNAL, cancelled: status.CANCELLED }[kind];
      const failure = { code, message: kind, requestId: '' };
      replica.answer(batch.id, Object.fromEntries(batch.items.map((_, index) => [index, failure])));
    }
  }

  /** The replicas vanish, and one that serves everything works until nothing waits. */
  async finish(): Promise<void> {
    const { engine, clock } = this.started;
    const replica = new FakeReplica();
    this.replicas.push(replica);
    this.report(this.replicas.length - 1, [ready, ready]);
    await turns();
    for (const index of [0, 1, 2]) engine.loseReplica(String(index));
    await turns();
    let served = replica.batches.length;
    for (let round = 0; engine.waiting > 0 && round < 100; round++) {
      clock.advance(200);
      await turns();
      for (const number of ['1', '2']) replica.grant(number);
      await turns();
      for (; served < replica.batches.length; served++) replica.echo(replica.batches[served] as ReceivedBatch);
      await turns();
    }
  }
}

test('every call is settled exactly once, unless its caller gave up, whatever becomes of replicas and versions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), async (steps) => {
      const history = new History();
      for (const index of history.replicas.keys()) history.report(index, [ready, ready]);
      for (const each of steps) await history.take(each);
      await history.finish();
      assert.equal(history.started.engine.waiting, 0);
      const expected = history.calls.map((call) => (history.cancelled.has(call) ? 0 : 1));
      assert.deepEqual(
        history.calls.map((call) => call.settled()),
        expected,
      );
      // Whoever was answered got the answer to what it asked.
      for (const [index, call] of history.calls.entries())
        assert.match(call.answer() ?? `${index}`, new RegExp(`^(${index}|[A-Z_]+ .*)$`));
    }),
    { numRuns: 250 },
  );
});

test('no batch exceeds the rows or the bytes of a batch, or mixes methods, unless it is one call', async () => {
  const methods = ['/weft.nlp.v1.NlpService/Embed', '/weft.nlp.v1.NlpService/Rank'];
  const call = fc.record({
    rows: fc.integer({ min: 1, max: 6 }),
    size: fc.integer({ min: 0, max: 30 }),
    method: fc.nat({ max: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 40 }), async (calls) => {
      const { engine, submit } = startEngine({ maxBatchBytes: 40 });
      const replica = new FakeReplica();
      engine.updateReplica('a', replicaState([version('m', '1', { methods })]), replica.open);
      const sent = calls.map(({ rows, size, method }) =>
        submit('x'.repeat(size), { rows, method: methods[method] as string }),
      );
      for (let credit = 0; credit < calls.length; credit++) replica.grant('1', credit);
      await turns();
      for (const { items } of replica.batches.filter((batch) => batch.items.length > 1)) {
        assert.ok(items.reduce((sum, item) => sum + item.rows, 0) <= 4);
        assert.ok(items.reduce((sum, item) => sum + item.payload.length, 0) <= 40);
      }
      assert.equal(
        replica.batches.reduce((sum, { items }) => sum + items.length, 0),
        sent.length,
      );
      // First come, first served among calls of one method.
      for (const method of methods) {
        const order = replica.batches
          .filter((batch) => batch.method === method)
          .flatMap(({ items }) => items.map((item) => item.payload.length));
        assert.deepEqual(
          order,
          calls.filter((each) => methods[each.method] === method).map(({ size }) => size),
        );
      }
    }),
    { numRuns: 100 },
  );
});
