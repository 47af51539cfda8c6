// One pass of a follower over the stream: the last event of each model, then whatever comes, until something is not as it
// should be. Then it ends, and the next pass tells everything again: nothing has to be remembered from one to the next.
import {
  AckPolicy,
  ConsumerEvents,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  nanos,
  nuid,
  ReplayPolicy,
} from 'nats';
import { type Follower, maxEventBytes } from '../event-log.ts';
import { tell } from '../tell.ts';
import type { Session } from './nats-link.ts';
import { allSubjects, modelOf } from './subject.ts';

const idleHeartbeatMs = 2_500;
const fatal: ReadonlySet<string> = new Set(Object.values(ConsumerEvents));

export interface Pass {
  readonly session: Session;
  readonly stream: string;
  readonly follower: Follower;
  /** Aborts when nobody listens any more. */
  readonly ended: AbortSignal;
}

/** Rejects with why it ended, unless it was `ended`. */
export async function followStream({ session, stream, follower, ended }: Pass): Promise<void> {
  const consumer = await session.management.consumers.add(stream, {
    name: `weft_${nuid.next()}`,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.LastPerSubject,
    replay_policy: ReplayPolicy.Instant,
    filter_subject: allSubjects,
    inactive_threshold: nanos(60_000),
    num_replicas: 1,
    mem_storage: true,
  });
  if (ended.aborted) return;
  const messages = await session.jetstream.consumers
    .getPullConsumerFor(consumer)
    .consume({ max_messages: 64, expires: 4 * idleHeartbeatMs, idle_heartbeat: idleHeartbeatMs });
  const fault = watchFaults(messages);
  const stop = () => messages.stop();
  ended.addEventListener('abort', stop, { once: true });
  try {
    if (!ended.aborted) await tellMessages({ messages, follower, pending: consumer.num_pending, ended });
    if (!ended.aborted) throw new Error(fault() ?? 'the stream stopped');
  } finally {
    ended.removeEventListener('abort', stop);
    await messages.close();
  }
}

interface Telling {
  readonly messages: ConsumerMessages;
  readonly follower: Follower;
  /** How many there are at the beginning. */
  readonly pending: number;
  readonly ended: AbortSignal;
}

async function tellMessages({ messages, follower, pending, ended }: Telling): Promise<void> {
  tell(() => follower.onProblem(undefined));
  let caughtUp = pending === 0;
  if (caughtUp) tell(() => follower.onCaughtUp());
  let expected = 1;
  for await (const message of messages) {
    if (ended.aborted) return;
    const { deliverySequence, pending: left } = message.info;
    if (deliverySequence !== expected) throw new Error(`message ${expected} of the stream was lost`);
    expected += 1;
    tellMessage(message, follower);
    if (caughtUp || (left > 0 && deliverySequence < pending)) continue;
    caughtUp = true;
    tell(() => follower.onCaughtUp());
  }
}

/** What no event log appends is nobody's: a foreign subject, or more bytes than an event may have. */
function tellMessage({ subject, seq, data: bytes }: JsMsg, follower: Follower): void {
  const model = modelOf(subject);
  if (model === undefined || bytes.length > maxEventBytes) return;
  tell(() => follower.onEvent({ model, revision: seq, bytes }));
}

/** Stops the messages at the first sign that they do not come any more; the function tells which it was. */
function watchFaults(messages: ConsumerMessages): () => string | undefined {
  let fault: string | undefined;
  const watch = async () => {
    for await (const { type } of await messages.status()) {
      if (!fatal.has(type)) continue;
      fault = `the stream does not answer: ${type.replaceAll('_', ' ')}`;
      messages.stop();
      return;
    }
  };
  watch().catch((error: unknown) => {
    fault = String(error);
    messages.stop();
  });
  return () => fault;
}
