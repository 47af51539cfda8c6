// The event log without NATS: a file and a folder of artifacts in the data directory, for one writer and any number of readers
// on one machine. It survives a kill at any moment: what was acknowledged is there, and nobody reads half of an event.
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import { checkNewEvent } from '../check-new-event.ts';
import type { EventLog, Follower, NewEvent } from '../event-log.ts';
import { ArtifactFolder } from './artifact-folder.ts';
import { LogTail } from './log-tail.ts';
import { LogWriter } from './log-writer.ts';

export interface EmbeddedEventLogOptions {
  readonly dataDirectory: string;
  readonly writes: boolean;
  /** From which size on the file is rewritten once it is mostly superseded. */
  readonly compactAtBytes?: number;
  /** Is told of what the disk has damaged. */
  readonly log?: ErrorLog | undefined;
}

export interface ErrorLog {
  error(event: string, fields: Readonly<Record<string, unknown>>): void;
}

const MiB = 1024 * 1024;

export class EmbeddedEventLog implements EventLog {
  readonly artifacts: ArtifactFolder;
  readonly #tail: LogTail;
  readonly #writer: LogWriter | undefined;
  #closed = false;

  constructor({ dataDirectory, writes, compactAtBytes = MiB, log }: EmbeddedEventLogOptions) {
    const folder = join(dataDirectory, 'events');
    const path = join(folder, 'log');
    this.artifacts = new ArtifactFolder(join(dataDirectory, 'artifacts'));
    this.#tail = new LogTail({
      folder,
      path,
      onDamage: (damage) => log?.error('event_log.damaged', { file: path, ...damage }),
    });
    this.#writer = writes ? new LogWriter({ folder, path, compactAtBytes }) : undefined;
  }

  async append(event: NewEvent): Promise<number> {
    if (this.#closed) throw new WeftError('UNAVAILABLE', 'the event log is closed');
    if (this.#writer === undefined)
      throw new WeftError('FAILED_PRECONDITION', 'this process only reads the event log: a router writes it');
    checkNewEvent(event);
    const revision = await this.#writer.append(event);
    this.#tail.look();
    return revision;
  }

  follow(follower: Follower): () => void {
    return this.#tail.follow(follower);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail.close();
    await this.#writer?.close();
  }
}
