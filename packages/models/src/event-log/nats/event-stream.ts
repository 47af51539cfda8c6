// The JetStream stream of the event log. Writers make it where it is missing; readers wait for one who does.
import { WeftError } from '@weft/errors';
import { DiscardPolicy, RetentionPolicy, StorageType } from 'nats';
import { maxEventBytes } from '../event-log.ts';
import { isMissing } from './nats-error.ts';
import type { Session } from './nats-link.ts';
import { allSubjects } from './subject.ts';

export interface StreamOptions {
  readonly stream: string;
  readonly replicas: number;
  readonly writes: boolean;
}

/** Earlier events of a model stay for people to look at; only the last one counts. */
const keptPerModel = 8;
/** What headers add to a message. */
const headerBytes = 4_096;

/** Rejects with UNAVAILABLE where there is no stream and this process may not make one. */
export async function ensureStream(
  { management }: Session,
  { stream, replicas, writes }: StreamOptions,
): Promise<void> {
  try {
    await management.streams.info(stream);
    return;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  if (!writes) throw new WeftError('UNAVAILABLE', `NATS has no stream ${stream} yet: the router makes it`);
  // Several routers may do so at once: the same stream twice is no error.
  await management.streams.add({
    name: stream,
    description: 'What the models of a weft mesh should be',
    subjects: [allSubjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    max_msgs_per_subject: keptPerModel,
    max_msg_size: maxEventBytes + headerBytes,
    discard: DiscardPolicy.Old,
  });
}
