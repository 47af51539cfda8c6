// For tests of whoever calls a router; no product code imports it.
export { FakeAdmin, type FakeReplica } from './fake-admin.ts';
export { type Answer, type FakeRouter, type ReceivedCall, Refusal, startFakeRouter } from './fake-router.ts';
