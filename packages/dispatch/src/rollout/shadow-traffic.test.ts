import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@weft/flow';
import type { VersionView } from '../replicas/inventory.ts';
import type { Call } from '../lanes/pending-call.ts';
import { ShadowTraffic } from './shadow-traffic.ts';

test('an original that is copied is in all else the call that it was', () => {
  const submit = (): never => {
    throw new Error('no room');
  };
  const traffic = new ShadowTraffic({ clock: systemClock, onOutcome: () => {}, submit });
  const asked = { model: 'm', version: '', drawn: '1', method: 'infer', rows: 3, once: true, priority: 2 };
  const timing = { deadlineMs: 5, timeoutMs: 4, traceparent: '00', tenant: 't' };
  let answers = 0;
  const call: Call = { ...asked, ...timing, payload: Buffer.from('x'), settle: () => void (answers += 1) };
  const original = traffic.draw(call, { view: { version: '2' } as VersionView, share: 1 })?.call;
  assert.deepEqual({ ...original, settle: undefined }, { ...call, settle: undefined });
  original?.settle({ payload: new Uint8Array(), times: { queueUs: 0, computeUs: 0 } as never });
  assert.equal(answers, 1);
});
