// Which event log a process has: NATS where servers are named, else the files in its data directory.
import type { EventLogSettings } from '@weft/config';
import { EmbeddedEventLog, type ErrorLog } from './embedded/embedded-event-log.ts';
import type { EventLog } from './event-log.ts';
import { NatsEventLog } from './nats/nats-event-log.ts';
import { natsOptions } from './nats/nats-options.ts';

export interface OpenEventLogOptions {
  /** Whether this process may append and store artifacts: routers do. */
  readonly writes: boolean;
  readonly log?: ErrorLog;
}

/** Never fails for want of NATS: the log connects when it is first used, and for ever. */
export function openEventLog(
  settings: EventLogSettings & { readonly dataDirectory: string },
  { writes, log }: OpenEventLogOptions,
): EventLog {
  const { nats, natsStream, natsReplicas, dataDirectory } = settings;
  if (nats.length === 0) return new EmbeddedEventLog({ dataDirectory, writes, log });
  const connection = () => natsOptions(settings);
  return new NatsEventLog({ connection, servers: nats.join(', '), stream: natsStream, replicas: natsReplicas, writes });
}
