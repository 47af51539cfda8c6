// A change of who gets which share, as one writes it, and as its message.
import { invalidArgument } from '@weft/errors';

/** Exactly one of the four changes. A version that is left out is chosen by the router: the canary, or else the newest. */
export type RolloutChange = { readonly name: string } & (
  | { readonly promote: VersionChoice }
  | { readonly rollBack: VersionChoice & { readonly reason?: string | undefined } }
  /** Above 0, below 1. */
  | { readonly canary: VersionChoice & { readonly share: number } }
  /** 0 ends it. */
  | { readonly shadow: VersionChoice & { readonly share: number } }
);

export interface VersionChoice {
  readonly version?: string | undefined;
}

const changes = ['promote', 'rollBack', 'canary', 'shadow'] as const;

/** Throws INVALID_ARGUMENT unless there is exactly one change: of two the wire would keep the last. */
export function toRolloutMessage(change: RolloutChange): object {
  const given = changes.filter((key) => (change as Record<string, unknown>)[key] !== undefined);
  if (given.length !== 1) throw invalidArgument(`a rollout takes one of ${changes.join(', ')}`);
  return change;
}
