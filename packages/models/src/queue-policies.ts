// Triton's priority levels and queue policies of a model: who waits in which class, for how long, and how many may. What
// Triton refuses is refused here, in its terms (ValidateModelConfig in its model_config_utils.cc); the rest has a meaning.
import { invalidArgument } from '@weft/errors';
import type { ModelDynamicBatching__Output } from '@weft/rpc/messages/inference/ModelDynamicBatching';
import type { ModelQueuePolicy__Output } from '@weft/rpc/messages/inference/ModelQueuePolicy';

/** For the requests of one priority level. */
export interface QueuePolicy {
  /** How long one may wait; Infinity: as long as it likes. */
  readonly timeoutMs: number;
  /** What becomes of one that has waited so long: it is refused, or waits on, in the order of that time. */
  readonly onTimeout: 'reject' | 'delay';
  /** Whether a request's own timeout counts where it is the shorter one. */
  readonly timeoutOverride: boolean;
  /** How many may wait; Infinity: only the process's own limit counts. */
  readonly maxQueueSize: number;
}

export interface PriorityLevels {
  /** 1 is the highest. */
  readonly priorityLevels: number;
  /** Of a request that names none. */
  readonly defaultPriority: number;
  queuePolicy(level: number): QueuePolicy;
}

/** Without `priority_levels`: one above the usual and one below it. */
const usualLevels = 3;
const usualDefault = 2;
/** Whoever is served next is looked for among all classes. */
const mostLevels = 100;

/** Where the configuration has no policy, a request's own timeout is all there is. */
const noPolicy: QueuePolicy = {
  timeoutMs: Number.POSITIVE_INFINITY,
  onTimeout: 'reject',
  timeoutOverride: true,
  maxQueueSize: Number.POSITIVE_INFINITY,
};

/** Throws INVALID_ARGUMENT naming the setting. */
export function priorityLevelsOf(batching: ModelDynamicBatching__Output | undefined): PriorityLevels {
  const defaultPolicy = queuePolicyOf(batching?.defaultQueuePolicy);
  const levels = batching?.priorityLevels ?? 0;
  if (batching !== undefined) refuseOrderedDelays(batching);
  // As in Triton, the other two settings count only with this one.
  if (batching === undefined || levels === 0)
    return { priorityLevels: usualLevels, defaultPriority: usualDefault, queuePolicy: () => defaultPolicy };
  if (levels > mostLevels)
    throw invalidArgument(`dynamic_batching.priority_levels: expected at most ${mostLevels}, got ${levels}`);
  const exists = (level: number): boolean => Number.isInteger(level) && level >= 1 && level <= levels;
  const defaultPriority = batching.defaultPriorityLevel;
  if (!exists(defaultPriority))
    throw invalidArgument(
      `dynamic_batching.default_priority_level: expected 1 to ${levels} (priority_levels), got ${defaultPriority}`,
    );
  const policies = new Map<number, QueuePolicy>();
  for (const [key, policy] of Object.entries(batching.priorityQueuePolicy)) {
    if (!exists(Number(key)))
      throw invalidArgument(
        `dynamic_batching.priority_queue_policy: expected keys from 1 to ${levels} (priority_levels), got ${key}`,
      );
    policies.set(Number(key), queuePolicyOf(policy));
  }
  return {
    priorityLevels: levels,
    defaultPriority,
    queuePolicy: (level) => policies.get(level) ?? defaultPolicy,
  };
}

function refuseOrderedDelays(batching: ModelDynamicBatching__Output): void {
  if (!batching.preserveOrdering) return;
  if (batching.priorityLevels > 1)
    throw invalidArgument('dynamic_batching.preserve_ordering: allows no more than one of priority_levels');
  const policies = [batching.defaultQueuePolicy, ...Object.values(batching.priorityQueuePolicy)];
  if (policies.some((policy) => policy?.timeoutAction === 'DELAY' && policy.defaultTimeoutMicroseconds > 0))
    throw invalidArgument('dynamic_batching.preserve_ordering: allows no queue policy with timeout_action DELAY');
}

function queuePolicyOf(policy: ModelQueuePolicy__Output | null | undefined): QueuePolicy {
  if (policy === null || policy === undefined) return noPolicy;
  const { timeoutAction, defaultTimeoutMicroseconds, allowTimeoutOverride, maxQueueSize } = policy;
  return {
    timeoutMs: defaultTimeoutMicroseconds / 1000 || Number.POSITIVE_INFINITY,
    onTimeout: timeoutAction === 'DELAY' ? 'delay' : 'reject',
    timeoutOverride: allowTimeoutOverride,
    maxQueueSize: maxQueueSize || Number.POSITIVE_INFINITY,
  };
}
