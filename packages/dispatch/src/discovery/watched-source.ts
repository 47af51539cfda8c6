// What discovery follows of a source whose replicas come and go, whoever tells of them: DNS, which is asked again and again,
// or Kubernetes, which tells by itself.

export interface WatchedSource {
  /** host:port of each replica that is named now, empty before the first answer. */
  readonly endpoints: readonly string[];
  /** Named no more because they are about to end, with others to take over: what they work on they finish, nothing new is begun. */
  readonly leaving: readonly string[];
  /** Resolves after the first answer, or the first attempt that failed. */
  start(): Promise<void>;
  /** A replica of this source was lost: there may be news. */
  hurry(): void;
  stop(): void;
}
