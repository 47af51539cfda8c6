// A replica as the engine has it: what it reports, how it is reached, and the streams to its models.
import type { Attachment } from '../replicas/attachment.ts';
import type { ReplicaView } from '../replicas/inventory.ts';
import type { OpenAttach } from '../replicas/link.ts';

export interface Replica {
  view: ReplicaView;
  readonly open: OpenAttach;
  readonly attachments: Map<string, Attachment>;
  /** How long to wait before a lost stream is opened again; longer each time until one works. */
  reattachMs: number;
}

/** Batches that it has of this process, of all its models. */
export function loadOf(replica: Pick<Replica, 'attachments'> | undefined): number {
  let batches = 0;
  for (const attachment of replica?.attachments.values() ?? []) batches += attachment.batches;
  return batches;
}

export const firstReattachMs = 200;
export const lastReattachMs = 3_000;
