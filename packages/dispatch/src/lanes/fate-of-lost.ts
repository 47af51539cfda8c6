// What becomes of calls whose replica was lost while it worked on them, or keeps them. Most replicas are lost for reasons of
// their own, so the calls go to another one; but one of them may be what crashes replicas, and must not take the others along
// for ever.
//
// Whoever can afford it travels alone from then on, and whoever was alone when a second replica was lost is the cause. Calls
// cost more alone than in a batch: those whose time does not suffice for that travel together once more, and are alone
// after a second loss. When an instance crashed and its replica tells so, there is no doubt, and all travel alone at once.
import type { Company, PendingCall } from './pending-call.ts';

export interface Loss {
  /** The calls that were lost with one batch. */
  readonly calls: readonly PendingCall[];
  /** There was no other call in the batch. */
  readonly alone: boolean;
  /** The replica is there and says that the instance died of this batch. */
  readonly crashed: boolean;
  readonly nowMs: number;
  /** What a call needs that travels alone. */
  readonly aloneMs: number;
}

export interface Fate {
  /** To be answered INTERNAL. */
  readonly culprits: readonly PendingCall[];
  /** To be sent again, in the company that they have now. */
  readonly again: readonly PendingCall[];
}

let nextGroup = 1;

export function fateOf({ calls, alone: wasAlone, crashed, nowMs, aloneMs }: Loss): Fate {
  const culprits: PendingCall[] = [];
  const again: PendingCall[] = [];
  const group = nextGroup++;
  for (const pending of calls) {
    pending.losses += 1;
    if (pending.losses > 1 && wasAlone) culprits.push(pending);
    else {
      const affordable = affordsAlone(pending, { count: calls.length, nowMs, aloneMs });
      pending.company = crashed || affordable || pending.losses > 1 ? alone(pending) : together(pending, group);
      again.push(pending);
    }
  }
  return { culprits, again };
}

/** Whether half of its time is enough when so many travel alone, if one instance works on nothing but these. */
export function affordsAlone(
  { deadlineMs }: PendingCall,
  { count, nowMs, aloneMs }: { readonly count: number } & Pick<Loss, 'nowMs' | 'aloneMs'>,
): boolean {
  return deadlineMs - nowMs >= 2 * count * aloneMs;
}

function alone({ call: { method } }: PendingCall): Company {
  return { key: `${method} alone`, method, alone: true, avoid: undefined };
}

function together({ call: { method } }: PendingCall, group: number): Company {
  return { key: `${method} lost ${group}`, method, alone: false, avoid: undefined };
}

let nextElsewhere = 1;
const numbers = new WeakMap<object, number>();

/** The company of those that are sent again while this replica has them, or after it failed them: but not there. */
export function elsewhere({ method, alone }: Pick<Company, 'method' | 'alone'>, from: object): Company {
  const number = numbers.get(from) ?? nextElsewhere++;
  numbers.set(from, number);
  return { key: `${method} not at ${number}${alone ? ' alone' : ''}`, method, alone, avoid: from };
}
