// For tests: what the contract suite needs of an implementation, so that each test has a log of its own.
import type { TestContext } from 'node:test';
import type { EventLog } from '../event-log/event-log.ts';

/** Where events are kept, as one test has it for itself. */
export interface EventLogStore {
  /** As one more process would open it. */
  open(options: { readonly writes: boolean }): EventLog;
  /** Nobody reaches it, until it is restored as it was. */
  lose(): Promise<void>;
  restore(): Promise<void>;
  /** Names of whatever the depot holds. */
  artifactTraces(): Promise<readonly string[]>;
}

export interface EventLogSubject {
  readonly name: string;
  readonly skip?: string | false;
  /** Whether artifacts stay out of this process's memory. */
  readonly boundedMemory: boolean;
  /** Whether openings are one object, which both reads and writes. */
  readonly oneForAll?: boolean;
  readonly makeStore: (t: TestContext) => Promise<EventLogStore>;
}

/** Opens for a test, which closes it. */
export function opened(t: TestContext, store: EventLogStore, writes = true): EventLog {
  const log = store.open({ writes });
  t.after(() => log.close());
  return log;
}
