import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { LastKnown } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { createLog } from '@weft/telemetry';
import { DesiredModels } from './desired-models.ts';
import { RecalledModels } from './recalled-models.ts';
import { eventOf } from '../testing/desired.ts';
import { turns } from '../testing/start-engine.ts';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a router that keeps its memory in this folder takes for desired; `told` is whether it has heard the log's first word. */
function startRun(folder: string, eventLog: MemoryEventLog) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLog({ level: 'info', fields: {}, destination });
  const clock = new ManualClock();
  const recalled = new RecalledModels({ lastKnown: new LastKnown(folder, log), clock, log });
  const desired: DesiredModels = new DesiredModels({
    eventLog: recalled.over(eventLog, (model) => desired.last(model)),
    log,
    onChange: () => {},
  });
  let told = false;
  void recalled.firstWord.then(() => (told = true));
  desired.start();
  const canaryOf = (model: string) => recalled.with(desired.models).get(model)?.rollout?.canary;
  return { recalled, desired, clock, lines, canaryOf, told: () => turns().then(() => told) };
}

const trial = { stable: '1', canary: '2', canaryShare: 0.05 };

test('a router that starts while the log is away keeps to the rollouts that it knew, and says so', async (t) => {
  const folder = temporaryFolder(t);
  const eventLog = new MemoryEventLog();
  const first = startRun(folder, eventLog);
  assert.equal(await first.told(), true);
  await eventLog.append({ model: 'm', bytes: eventOf({ rollout: trial }), after: 0 });
  await first.recalled.written();
  eventLog.cutOff('the log is on fire');
  const second = startRun(folder, eventLog);
  assert.equal(second.canaryOf('m'), '2');
  assert.equal(await second.told(), true, 'why it cannot be heard is a word too');
  const line = second.lines.find(({ event }) => event === 'models.recalled');
  assert.deepEqual([line?.['reason'], line?.['models']], ['the log is on fire', 1]);
});

test('what the log says counts more than what was known, whatever its revision', async (t) => {
  const folder = temporaryFolder(t);
  const before = new LastKnown(folder, { warn: () => {} });
  before.write({ model: 'm', revision: 9, bytes: eventOf({ rollout: trial }) });
  await before.written();
  const eventLog = new MemoryEventLog();
  await eventLog.append({ model: 'm', bytes: eventOf({ rollout: { stable: '1' } }), after: 0 });
  const run = startRun(folder, eventLog);
  assert.equal(run.canaryOf('m'), '');
  await run.recalled.written();
  const [kept] = new LastKnown(folder, { warn: () => {} }).read();
  assert.equal(kept?.revision, 1);
});

test('an event is written down once, also one that this router wrote, and garbage never', async (t) => {
  const folder = temporaryFolder(t);
  const eventLog = new MemoryEventLog();
  const run = startRun(folder, eventLog);
  const bytes = eventOf({ rollout: trial });
  // As the writer does it, before the log tells it again.
  run.desired.onEvent({ model: 'm', revision: 1, bytes });
  await eventLog.append({ model: 'm', bytes, after: 0 });
  await eventLog.append({ model: 'x', bytes: Buffer.from('garbage'), after: 0 });
  await run.recalled.written();
  assert.equal(readdirSync(folder).length, 1);
  rmSync(folder, { recursive: true });
  eventLog.cutOff('away');
  eventLog.cutOff(undefined);
  await run.recalled.written();
  assert.deepEqual(new LastKnown(folder, { warn: () => {} }).read(), []);
});

test('a log that neither answers nor says why is not waited for beyond 3 s', async (t) => {
  const eventLog = new MemoryEventLog();
  eventLog.follow = () => () => {};
  const run = startRun(temporaryFolder(t), eventLog);
  run.clock.advance(2_999);
  assert.equal(await run.told(), false);
  run.clock.advance(1);
  assert.equal(await run.told(), true);
});
