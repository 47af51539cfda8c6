// For tests of whoever follows an event log; no product code imports it.
export { MemoryEventLog } from './memory-event-log.ts';
export { type Heard, RecordingFollower } from './recording-follower.ts';
export {
  type NatsServer,
  type NatsServerOptions,
  startNatsServer,
  withoutNatsServer,
} from './start-nats-server.ts';
export { encodedEvent, pushedVersion } from './model-events.ts';
