// Settings of the judge of canaries: how long a router looks, and how much worse than the stable version is too much.
import { defineSettings, type SettingsOf } from '../setting.ts';

export const canarySettings = defineSettings({
  canaryRollback: {
    kind: 'boolean',
    default: true,
    doc: 'Withdraw a canary that fails more of its calls than the stable version, or answers them more slowly',
  },
  canaryWindow: {
    kind: 'duration',
    default: 60_000,
    minimum: 5_000,
    doc: 'The calls of the last while by which canary and stable version are compared',
  },
  canaryMinRequests: {
    kind: 'integer',
    default: 20,
    minimum: 5,
    doc: 'Calls that a canary has to have had in that time before its failures count; ten times as many before its p99 does',
  },
  canaryErrorTolerance: {
    kind: 'number',
    default: 0.02,
    minimum: 0,
    maximum: 1,
    doc: 'By how much its share of failed calls may certainly lie above that of the stable version',
  },
  canaryLatencyFactor: {
    kind: 'number',
    default: 1.5,
    minimum: 1,
    doc: 'How many times the p99 of the stable version its own may be; 10 ms more are always allowed',
  },
});

export type CanarySettings = SettingsOf<typeof canarySettings>;
