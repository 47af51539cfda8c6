import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryEventLog } from '@weft/models/testing';
import { createLog } from '@weft/telemetry';
import { eventOf } from '../testing/desired.ts';
import { DesiredModels } from './desired-models.ts';

function follow(eventLog = new MemoryEventLog()) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line).event) };
  let changes = 0;
  const log = createLog({ level: 'debug', fields: {}, destination });
  const desired = new DesiredModels({ eventLog, log, onChange: () => void changes++ });
  const stable = (): string | undefined => desired.models.get('m')?.rollout?.stable;
  return { eventLog, desired, lines, stable, changes: () => changes };
}

const stableOf = (version: string): Uint8Array => eventOf({ rollout: { stable: version } });

test('what was in the log is told once, and then each event', async () => {
  const { eventLog, desired, stable, changes } = follow();
  await eventLog.append({ model: 'm', bytes: stableOf('1'), after: 0 });
  await eventLog.append({ model: 'n', bytes: eventOf({ name: 'n' }), after: 0 });
  assert.match(desired.problem ?? '', /has not told yet/);
  desired.start();
  assert.deepEqual([stable(), desired.models.size, changes(), desired.problem], ['1', 2, 1, undefined]);
  await eventLog.append({ model: 'm', bytes: stableOf('2'), after: 1 });
  assert.deepEqual([stable(), changes(), desired.revisionOf('m')], ['2', 2, 3]);
});

test('an event that cannot be read is told and changes nothing, but the next one has to follow it', () => {
  const { eventLog, desired, lines, stable } = follow();
  desired.start();
  eventLog.deliver({ model: 'm', revision: 1, bytes: stableOf('1') });
  const bad = [Buffer.from('garbage'), eventOf({ name: 'other' }), eventOf({ name: '../x' }), stableOf('x')];
  for (const [at, bytes] of bad.entries()) eventLog.deliver({ model: 'm', revision: at + 2, bytes });
  eventLog.deliver({ model: 'm', revision: 9, bytes: Buffer.from([0x9a, 0x06, 0x01, 0x41]) });
  assert.deepEqual(
    lines,
    bad.map(() => 'event_log.unreadable'),
  );
  assert.deepEqual([stable(), desired.last('m')?.revision, desired.revisionOf('m')], ['1', 1, 9]);
});

test('while the log is away the last known state stays, with the problem', () => {
  const { eventLog, desired, lines, stable } = follow();
  desired.start();
  eventLog.deliver({ model: 'm', revision: 1, bytes: stableOf('1') });
  eventLog.cutOff('the log is on fire');
  assert.deepEqual([stable(), desired.problem], ['1', 'the log is on fire']);
  eventLog.cutOff(undefined);
  assert.deepEqual([stable(), desired.problem, lines], ['1', undefined, ['event_log.away', 'event_log.back']]);
});

test('a log that comes back without its state holds with lower revisions', () => {
  const { eventLog, desired, stable } = follow();
  desired.start();
  eventLog.deliver({ model: 'm', revision: 7, bytes: stableOf('1') });
  desired.onProblem('away');
  eventLog.deliver({ model: 'm', revision: 1, bytes: stableOf('2') });
  desired.onCaughtUp();
  desired.onProblem(undefined);
  assert.deepEqual([stable(), desired.revisionOf('m')], ['2', 1]);
  eventLog.deliver({ model: 'm', revision: 3, bytes: stableOf('3') });
  eventLog.deliver({ model: 'm', revision: 2, bytes: stableOf('2') });
  assert.deepEqual([stable(), desired.revisionOf('m')], ['3', 3]);
});

test('what a log that lost its state does not tell again stays, and its next event is a first one', async () => {
  const { eventLog, desired, stable } = follow();
  for (const version of ['1', '2']) {
    await eventLog.append({ model: 'm', bytes: stableOf(version), after: desired.revisionOf('m') });
    if (version === '1') desired.start();
  }
  await eventLog.append({ model: 'n', bytes: Buffer.from('garbage'), after: 0 });
  eventLog.cutOff('away');
  eventLog.empty();
  assert.deepEqual([desired.revisionOf('m'), desired.revisionOf('n')], [2, 3]);
  eventLog.cutOff(undefined);
  assert.deepEqual([stable(), desired.revisionOf('m'), desired.revisionOf('n')], ['2', 0, 0]);
  await eventLog.append({ model: 'm', bytes: stableOf('3'), after: desired.revisionOf('m') });
  assert.deepEqual([stable(), desired.revisionOf('m')], ['3', 1]);
});

test('a log that loses its state before it has told everything holds with lower revisions too', () => {
  const { desired, stable } = follow();
  desired.onEvent({ model: 'm', revision: 7, bytes: stableOf('1') });
  desired.onProblem('away');
  desired.onProblem(undefined);
  desired.onEvent({ model: 'm', revision: 1, bytes: stableOf('2') });
  desired.onCaughtUp();
  assert.deepEqual([stable(), desired.revisionOf('m')], ['2', 1]);
});

test('any order and repetition of events ends with the newest ones', () => {
  const event = fc.record({ model: fc.constantFrom('m', 'n'), revision: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1 }), (events) => {
      const { eventLog, desired } = follow();
      desired.start();
      for (const { model, revision } of events)
        eventLog.deliver({ model, revision, bytes: eventOf({ name: model, rollout: { stable: `${revision}` } }) });
      for (const name of ['m', 'n']) {
        const newest = Math.max(0, ...events.filter(({ model }) => model === name).map(({ revision }) => revision));
        assert.equal(desired.models.get(name)?.rollout?.stable ?? '0', `${newest}`);
      }
    }),
  );
});
