// One replica of a model version as its lane sees it: what it has granted, how long it takes, how far the way to it is, and
// whether it is trusted. It outlasts a stream that breaks and is opened again: nobody is trusted anew for that.
import { Circuit, LatencyProfile, type Measurement, OverheadEstimate } from '@weft/flow';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { Attachment } from '../replicas/attachment.ts';
import { InstanceWork } from './instance-work.ts';
import type { SentBatch } from './sent-batch.ts';

/** Answers have to cross the network, and timers are late: nobody plans closer than this to a deadline. */
const leastMarginMs = 2;
const mostMarginMs = 50;

/** How long the batches of one method take on one replica. */
export interface ReplicaProfile {
  readonly method: string;
  readonly endpoint: string;
  readonly instances: number;
  /** What a plan leaves of a deadline for the way there and back. */
  readonly marginMs: number;
  readonly profile: LatencyProfile;
}

export class LaneReplica {
  /** The stream to it, or the last one that there was. */
  attachment: Attachment;
  readonly circuit = new Circuit();
  readonly #version: string;
  readonly #overhead = new OverheadEstimate({ leastMs: leastMarginMs, mostMs: mostMarginMs });
  readonly #profiles = new Map<string, LatencyProfile>();
  readonly work = new InstanceWork();
  #warmUp: readonly Measurement[] = [];
  #instances = 1;
  #maxRows = 1;
  lastSentMs = Number.NEGATIVE_INFINITY;
  /** When it was found to fail more than the others. */
  failingSinceMs = Number.NEGATIVE_INFINITY;

  constructor(attachment: Attachment, version: string) {
    this.attachment = attachment;
    this.#version = version;
  }

  /** What it reports of the version. Profiles of a larger or smaller maximum start anew. */
  describe({ instances, warmup, maxBatchSize }: ModelVersion__Output): void {
    const maxRows = Math.max(1, maxBatchSize);
    if (maxRows !== this.#maxRows) this.#profiles.clear();
    this.#maxRows = maxRows;
    this.#instances = Math.max(1, instances);
    this.#warmUp = warmup.map(({ rows, computeUs }) => ({ rows, ms: Number(computeUs) / 1000 }));
  }

  get endpoint(): string {
    return this.attachment.endpoint;
  }

  get instances(): number {
    return this.#instances;
  }

  get credits(): number {
    return this.attachment.creditsFor(this.#version);
  }

  get marginMs(): number {
    return this.#overhead.marginMs;
  }

  /** Methods of one model differ in what they cost. */
  profile(method: string): LatencyProfile {
    let profile = this.#profiles.get(method);
    if (profile === undefined) this.#profiles.set(method, (profile = new LatencyProfile(this.#maxRows, this.#warmUp)));
    return profile;
  }

  /** What is known of each of these methods, and of whatever else was called. */
  profiles(methods: readonly string[]): ReplicaProfile[] {
    return [...new Set([...methods, ...this.#profiles.keys()])].map((method) => ({
      method,
      endpoint: this.endpoint,
      instances: this.#instances,
      marginMs: this.marginMs,
      profile: this.#profiles.get(method) ?? new LatencyProfile(this.#maxRows, this.#warmUp),
    }));
  }

  /** When its instances are expected to be free, in no order; those that are free already say a time that has passed. */
  endsMs(): number[] {
    const ends = this.work.endsMs();
    while (ends.length < this.#instances) ends.push(0);
    return ends;
  }

  send(batch: SentBatch): void {
    const { sentMs } = batch.options;
    this.circuit.take(sentMs);
    this.attachment.dispatch(batch);
    this.lastSentMs = sentMs;
    this.work.add(batch);
  }

  /** What a batch tells that was answered. */
  learn({ computedRows, computeMs, options: { sentMs, company } }: SentBatch, nowMs: number): void {
    if (computedRows === 0) return;
    this.profile(company.method).learn({ rows: computedRows, ms: computeMs });
    this.#overhead.learn(nowMs - sentMs - computeMs);
  }
}
