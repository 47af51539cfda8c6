// For tests: settings of the event log with defaults, and the store of the contract suite on a nats-server of its own.
import type { TestContext } from 'node:test';
import { type EventLogSettings, eventLogSettings, readSettings } from '@weft/config';
import { connect } from 'nats';
import { openEventLog } from '../event-log/open-event-log.ts';
import type { EventLogStore } from './event-log-store.ts';
import { type NatsServer, startNatsServer } from './start-nats-server.ts';

export function natsSettings(given: Partial<EventLogSettings> = {}): EventLogSettings {
  return { ...readSettings(eventLogSettings, { argv: [], env: {} }), ...given };
}

export async function makeNatsStore(t: TestContext): Promise<EventLogStore & { readonly server: NatsServer }> {
  const server = await startNatsServer();
  t.after(() => server.close());
  const settings = { ...natsSettings({ nats: [server.url] }), dataDirectory: 'unused' };
  return {
    server,
    open: ({ writes }) => openEventLog(settings, { writes }),
    lose: () => server.stop(),
    restore: () => server.start(),
    artifactTraces: async () => {
      const connection = await connect({ servers: server.url });
      const store = await connection.jetstream().views.os('WEFT_MODELS_ARTIFACTS');
      const names = (await store.list()).map(({ name }) => name);
      const { state } = await (await connection.jetstreamManager()).streams.info('OBJ_WEFT_MODELS_ARTIFACTS', {
        subjects_filter: '$O.WEFT_MODELS_ARTIFACTS.C.>',
      });
      await connection.close();
      return [...names, ...Object.keys(state.subjects ?? {})];
    },
  };
}
