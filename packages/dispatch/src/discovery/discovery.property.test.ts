// Whatever records come and go, and whatever replicas do meanwhile: a connected replica is never stopped, every record has
// exactly one replica, and a replica without a record is one that is connected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startDiscovery } from '../testing/fake-discovery.ts';
import { turns } from '../testing/start-engine.ts';

const items = ['10.0.0.1:8011', 'dns:nlp:8011', 'srv:_grpc._tcp.nlp'] as const;
const [fixed, ...names] = items;
const addresses = [1, 2, 3, 4].map((host) => `10.0.0.${host}:8011`);

type Step =
  | { readonly kind: 'records'; readonly name: number; readonly endpoints: readonly string[]; readonly ttlMs: number }
  | { readonly kind: 'failure'; readonly name: number }
  | { readonly kind: 'connect' | 'fail' | 'lose'; readonly replica: number }
  | { readonly kind: 'advance'; readonly ms: number };

const name = fc.nat({ max: names.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('records' as const),
    name,
    endpoints: fc.subarray(addresses),
    ttlMs: fc.constantFrom(0, 3_000, 60_000),
  }),
  fc.record({ kind: fc.constant('failure' as const), name }),
  fc.record({
    kind: fc.constantFrom('connect' as const, 'fail' as const, 'lose' as const),
    replica: fc.nat({ max: 9 }),
  }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(100, 1_000, 5_000) }),
);

async function take(fake: ReturnType<typeof startDiscovery>, next: Step): Promise<void> {
  if (next.kind === 'advance') return fake.advance(next.ms);
  if (next.kind === 'failure') return fake.say(names[next.name] as string, { failure: 'ESERVFAIL' });
  if (next.kind === 'records') return fake.say(names[next.name] as string, next);
  const live = fake.live();
  const replica = live[next.replica % live.length];
  if (next.kind === 'connect') replica?.connect();
  else if (next.kind === 'fail') replica?.fail();
  else if (replica?.connected === true) replica.lose();
}

test('connected replicas are never stopped, and every record has exactly one replica', async () => {
  const lastRecords = fc.tuple(fc.subarray(addresses), fc.subarray(addresses));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), lastRecords, async (steps, last) => {
      const fake = startDiscovery(items);
      void fake.discovery.start();
      await turns();
      const live = () => fake.live().map(({ found }) => found.endpoint);
      for (const next of steps) {
        await take(fake, next);
        assert.equal(new Set(live()).size, live().length, 'two replicas of one endpoint');
        assert.ok(live().includes(fixed), 'what is written in the settings has no replica');
        assert.ok(!fake.created.some(({ cutOff }) => cutOff), 'a connected replica was stopped');
      }
      for (const [index, name] of names.entries()) fake.say(name, { endpoints: last[index] ?? [] });
      await fake.advance(10_000, 1_000);
      const connected = fake.live().filter((replica) => replica.connected);
      const expected = new Set([fixed, ...last.flat(), ...connected.map(({ found }) => found.endpoint)]);
      assert.deepEqual(live().sort(), [...expected].sort());
      for (const replica of connected) replica.lose();
      assert.deepEqual(live().sort(), [...new Set([fixed, ...last.flat()])].sort());
    }),
  );
});
