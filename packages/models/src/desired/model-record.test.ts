import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { encodedEvent, pushedVersion } from '../testing/model-events.ts';
import { type ModelRecord, provisionally, recallEvent, recordEvent, seenRevision } from './model-record.ts';
import { wantedModel } from './wanted-model.ts';

const event = (revision: number, bytes: Uint8Array, model = 'm'): LoggedEvent => ({ model, revision, bytes });

function recorded(events: readonly LoggedEvent[]): Map<string, ModelRecord> {
  const records = new Map<string, ModelRecord>();
  for (const one of events) records.set(one.model, recordEvent(records.get(one.model), one));
  return records;
}

const wanted = ({ desired }: ModelRecord) =>
  wantedModel({ service: 'probe', disk: undefined, desired, signedOnly: false });

const version = fc.constantFrom('1', '2', '3');
const sound = fc
  .record({
    versions: fc.uniqueArray(version, { maxLength: 3 }),
    withdrawn: fc.uniqueArray(version, { maxLength: 1 }),
    all: fc.boolean(),
    unloaded: fc.boolean(),
    loadGeneration: fc.nat({ max: 3 }),
  })
  .map(({ versions, withdrawn, all, unloaded, loadGeneration }) => ({
    versions: versions.map((number) => pushedVersion(number)),
    withdrawals: withdrawn.map((number) => ({ version: number, reason: 'bad', atMs: 1 })),
    ...(all ? { versionPolicy: { all: {} } } : {}),
    unloaded,
    loadGeneration,
  }));
/** The history of two models, as the log has it, and some order in which it may arrive, with repetitions. */
const history = fc
  .array(fc.tuple(fc.constantFrom('m', 'n'), sound), { minLength: 1, maxLength: 8 })
  .map((models) => models.map(([name, model], index) => event(index + 1, encodedEvent({ name, ...model }), name)));
const arrival = history.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.array(fc.constantFrom(...events)))
      .chain(([once, again]) => fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length })),
  ),
);

test('events in any order, repeated and interleaved, end as the newest of each model alone', () => {
  fc.assert(
    fc.property(arrival, ([events, arrived]) => {
      const newest = new Map(events.map((one) => [one.model, one]));
      const alone = recorded([...newest.values()]);
      const together = recorded(arrived);
      for (const [model, record] of alone) assert.deepEqual(together.get(model), record);
    }),
  );
});

test('garbage of any revision, anywhere, changes nothing that is wanted', () => {
  const garbage = fc.record({ revision: fc.nat({ max: 20 }), bytes: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(sound, fc.array(garbage), fc.array(garbage), (model, before, after) => {
      const good = event(10, encodedEvent(model));
      // Bytes that happen to be an event of this model would rightly count.
      const bad = (some: typeof before) => some.map(({ revision, bytes }) => event(revision, bytes));
      const [record] = recorded([...bad(before), good, ...bad(after)]).values();
      assert.deepEqual(wanted(record as ModelRecord), wanted(recordEvent(undefined, good)));
    }),
  );
});

test('what cannot be acted upon is told until a newer event can, whichever comes first', () => {
  const good = (revision: number) => event(revision, encodedEvent({ versions: [pushedVersion('1')] }));
  const bad = event(5, Buffer.from('garbage'));
  for (const events of [
    [good(4), bad],
    [bad, good(4)],
  ]) {
    const [record] = recorded(events).values();
    assert.deepEqual([record?.revision, seenRevision(record as ModelRecord)], [4, 5]);
    assert.match(record?.refused?.problem ?? '', /^an event that cannot be acted upon: not a model event: /);
  }
  for (const events of [
    [bad, good(6)],
    [good(6), bad],
  ]) {
    const [record] = recorded(events).values();
    assert.deepEqual([record?.revision, record?.refused], [6, undefined]);
  }
});

test('an event of another model under this name, and one of an unknown kind, are not acted upon', () => {
  const misplaced = recordEvent(undefined, event(1, encodedEvent({ name: 'other' })));
  assert.deepEqual(
    [misplaced.desired, misplaced.refused?.problem],
    [undefined, "an event that cannot be acted upon: an event of 'other'"],
  );
  // A message with nothing but field 99.
  const unknownKind = recordEvent(undefined, event(1, Buffer.from([0x9a, 0x06, 0x00])));
  assert.match(unknownKind.refused?.problem ?? '', /of a kind that this version of weft does not know/);
});

test('whatever a log says that was lost counts, though it lost its state too and its revisions are lower', () => {
  const events = [event(40, encodedEvent({ versions: [pushedVersion('1')] })), event(41, Buffer.from('garbage'))];
  const [before] = recorded(events).values();
  const after = recordEvent(
    provisionally(before as ModelRecord),
    event(2, encodedEvent({ versions: [pushedVersion('2')] })),
  );
  assert.deepEqual([after.revision, after.provisional, after.refused], [2, false, undefined]);
  assert.equal(recordEvent(after, event(1, encodedEvent({}))), after);
});

test('whatever the log says counts more than what a former run had seen, though its revision is lower', () => {
  const recalled = recallEvent(event(40, encodedEvent({ versions: [pushedVersion('1')] })));
  assert.equal(recalled?.revision, 40);
  const told = recordEvent(recalled, event(2, encodedEvent({ versions: [pushedVersion('2')] })));
  assert.deepEqual(
    [told.revision, told.provisional, wanted(told).versions.map(({ version: number }) => number)],
    [2, false, ['2']],
  );
  assert.equal(recallEvent(event(3, Buffer.from('torn'))), undefined);
});
