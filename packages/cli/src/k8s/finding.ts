// One thing that is wrong with a deployment, for the person who has to mend it; and what all that look for one share.
import type { ClusterEvent, Named } from './cluster-objects.ts';

export interface Finding {
  /** Such as `pod nlp-7d4` or `3 pods of nlp`. */
  readonly where: string;
  readonly what: string;
  readonly toDo: string;
}

export type Trouble = Pick<Finding, 'what' | 'toDo'>;

/** The Deployment or StatefulSet that a pod belongs to, by weft's labels. */
export function workloadOf({ metadata }: Named): string {
  return metadata.labels?.['app.kubernetes.io/name'] ?? metadata.name;
}

/** The last warning about an object for one of these reasons. */
export function lastWarning(
  events: readonly ClusterEvent[],
  { name, reasons }: { readonly name: string; readonly reasons: readonly string[] },
): string | undefined {
  const about = events.filter(
    ({ type, reason = '', involvedObject }) =>
      type === 'Warning' && involvedObject.name === name && reasons.includes(reason),
  );
  return about.sort((one, other) => timeOf(one) - timeOf(other)).at(-1)?.message;
}

function timeOf({ lastTimestamp, eventTime }: ClusterEvent): number {
  return Date.parse(lastTimestamp ?? eventTime ?? '') || 0;
}

/** One sentence without its last dot, on one line. */
export function oneSentence(text: string | undefined): string {
  return (text ?? '').trim().replace(/\s+/g, ' ').replace(/\.$/, '');
}
