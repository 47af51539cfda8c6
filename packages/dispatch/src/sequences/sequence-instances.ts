// The instances that a lane of sequences may send to: each is one object as long as the stream to its replica lives, and is
// known from its first credit on.
import type { Attachment } from '../replicas/attachment.ts';

export interface SequenceInstance {
  readonly attachment: Attachment;
  /** Its number in the replica. */
  readonly index: number;
}

export class SequenceInstances {
  readonly #version: string;
  readonly #known = new Map<Attachment, Map<number, SequenceInstance>>();

  constructor(version: string) {
    this.#version = version;
  }

  attach(attachment: Attachment): void {
    if (!this.#known.has(attachment)) this.#known.set(attachment, new Map());
  }

  /** Those of the attachment that were known. */
  detach(attachment: Attachment): readonly SequenceInstance[] {
    const known = this.#known.get(attachment);
    this.#known.delete(attachment);
    return [...(known?.values() ?? [])];
  }

  /** Those that have granted a credit which is not spent. */
  free(): SequenceInstance[] {
    const free: SequenceInstance[] = [];
    for (const [attachment, known] of this.#known)
      for (const index of attachment.creditsOf(this.#version)) {
        let instance = known.get(index);
        if (instance === undefined) known.set(index, (instance = { attachment, index }));
        free.push(instance);
      }
    return free;
  }
}
