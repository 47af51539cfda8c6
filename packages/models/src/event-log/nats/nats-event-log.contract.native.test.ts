import { eventLogContract } from '../../testing/event-log-contract.ts';
import { makeNatsStore } from '../../testing/nats-store.ts';
import { withoutNatsServer } from '../../testing/start-nats-server.ts';

eventLogContract({ name: 'NATS', skip: withoutNatsServer, boundedMemory: true, makeStore: makeNatsStore });
