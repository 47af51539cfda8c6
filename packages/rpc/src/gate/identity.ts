// Who calls: what the gate found out, for everything behind it (queues by tenant and priority, logs by name).
import { WeftError } from '@weft/errors';
import type { Role } from './required-role.ts';

export interface Identity {
  /** For logs: the name of the token or of the certificate, or `anonymous`. */
  readonly name: string;
  /** For fair shares; '' is the tenant of all who have none. */
  readonly tenant: string;
  readonly roles: readonly Role[];
  /** Priorities the caller may ask for; undefined: any. */
  readonly priorities: readonly number[] | undefined;
  /** The priority of this call; 0 is the model's default, 1 the highest. */
  readonly priority: number;
}

const highestNumber = 2 ** 32 - 1;

/** A priority as text; throws INVALID_ARGUMENT where it is none. */
export function parsePriority(text: string): number {
  const priority = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (priority <= highestNumber) return priority;
  throw new WeftError('INVALID_ARGUMENT', 'weft-priority must be a whole number from 0 to 4294967295');
}

/** The identity with the priority it asks for; throws PERMISSION_DENIED where it may not. */
export function withPriority(identity: Identity, priority: number): Identity {
  if (priority === identity.priority) return identity;
  if (identity.priorities === undefined || identity.priorities.includes(priority)) return { ...identity, priority };
  throw new WeftError('PERMISSION_DENIED', `${identity.name} may not use priority ${priority}`);
}
