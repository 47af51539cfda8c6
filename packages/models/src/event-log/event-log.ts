// The event log: what the mesh should serve, one event a change, and the files that events speak of. An event is the whole desired
// state of one model (proto/weft/models/v1), so the last one of each model is enough, and whoever follows may see it twice.
// There are two of it under one contract suite (testing/event-log-contract.ts): NATS, and files in the data directory.
import type { ArtifactDepot } from './artifact-depot.ts';

export interface LoggedEvent {
  readonly model: string;
  /** Grows with each event of the log, of whichever model; a log that lost its state begins again, see Follower. */
  readonly revision: number;
  /** A ModelEvent, unread: what is in the log may be anything. */
  readonly bytes: Uint8Array;
}

export interface NewEvent {
  readonly model: string;
  readonly bytes: Uint8Array;
  /** The revision of the model's last event, as the writer knows it; 0 when there is none. */
  readonly after: number;
}

export interface EventLog {
  readonly artifacts: ArtifactDepot;
  /**
   * Appends an event unless another one of its model came first, and resolves to its revision once it is safe. Rejects with
   * ABORTED when one did, INVALID_ARGUMENT for an event over maxEventBytes, FAILED_PRECONDITION when this process may not write,
   * PERMISSION_DENIED when NATS does not let it, RESOURCE_EXHAUSTED when there is no room, DATA_LOSS when what is there is
   * damaged, UNAVAILABLE when the log cannot be reached: then it may have been appended or not, and following tells.
   */
  append(event: NewEvent): Promise<number>;
  /**
   * Tells the last event of each model, and then whatever is appended, until the returned function is called. Reconnects by
   * itself. Of a closed log it tells that as a problem, and nothing more.
   */
  follow(follower: Follower): () => void;
  close(): Promise<void>;
}

/**
 * Hears of the log. What its methods throw is a mistake of the follower, not of the log.
 *
 * After each loss the last event of each model is told again. A log that lost its state (a NATS server without its files, a backup
 * put back) tells lower revisions then: they hold all the same, so a follower takes an event by what it says, and never
 * leaves one out for its revision alone. A model that the log does not know any more is not told of, and stays as it was.
 */
export interface Follower {
  /** Events of one model come in the order of their revisions, each at least once. */
  onEvent(event: LoggedEvent): void;
  /** All that was in the log has been told; again after each loss of the log. */
  onCaughtUp(): void;
  /** What stands between this process and the log, for people; undefined when that is over. */
  onProblem(problem: string | undefined): void;
}

/** Far below what any message bus refuses: an event holds no files. */
export const maxEventBytes = 512 * 1024;
