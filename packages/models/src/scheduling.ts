// What a model's configuration says about batching and queueing: Triton's `dynamic_batching`, and weft's own parameters
// beside it. Read and checked once; whoever schedules need not know how it is spelt.
import { nearestName } from '@weft/config/nearest-name';
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { leavesBatchingOpen } from './complete-config.ts';
import { maxRows } from './max-rows.ts';
import { positiveNumber, positiveParameter, weftParameter } from './parameters.ts';
import { type PriorityLevels, priorityLevelsOf } from './queue-policies.ts';

const policies = ['adaptive', 'deferred', 'greedy', 'delay'] as const;

export interface Scheduling extends PriorityLevels {
  readonly policy: (typeof policies)[number];
  /** How long `delay` waits for a batch to fill. */
  readonly queueDelayMs: number;
  /** Sizes that `delay` sends at once when they are reached. */
  readonly preferredRows: readonly number[];
  /** Within what time who names no deadline should be answered (`weft.slo_ms`). */
  readonly objectiveMs: number | undefined;
  /** Of the rows that tenants get when all of them wait, in proportion (`weft.tenant_weights`); who is not there weighs 1. */
  readonly tenantWeights: ReadonlyMap<string, number>;
  /** A request that is unanswered after this is sent again elsewhere (`weft.hedge_ms`). */
  readonly hedgeMs: number | undefined;
}

/** Throws INVALID_ARGUMENT naming the setting that cannot be meant. */
export function schedulingOf(config: ModelConfig__Output): Scheduling {
  const batching = config.dynamicBatching ?? undefined;
  const queueDelayMs = (batching?.maxQueueDelayMicroseconds ?? 0) / 1000;
  const preferredRows = batching?.preferredBatchSize ?? [];
  checkRows(config, preferredRows);
  return {
    policy: policyOf(config) ?? (queueDelayMs > 0 || preferredRows.length > 0 ? 'delay' : 'adaptive'),
    queueDelayMs,
    preferredRows,
    objectiveMs: positiveParameter(config, 'slo_ms'),
    tenantWeights: tenantWeightsOf(config),
    hedgeMs: positiveParameter(config, 'hedge_ms'),
    ...priorityLevelsOf(batching),
  };
}

function checkRows(config: ModelConfig__Output, preferredRows: readonly number[]): void {
  const wanted = positiveParameter(config, 'max_batch_size') ?? 1;
  if (!Number.isInteger(wanted)) throw invalidArgument(`weft.max_batch_size: expected a whole number, got "${wanted}"`);
  // A configuration that leaves the size to the model is checked again once it is completed.
  const open = leavesBatchingOpen(config);
  const most = maxRows(config);
  const wrong = preferredRows.find((rows) => rows < 1 || (rows > most && !open));
  if (wrong === undefined) return;
  const expected = open ? 'sizes above 0' : `sizes from 1 to ${most} (max_batch_size)`;
  throw invalidArgument(`dynamic_batching.preferred_batch_size: expected ${expected}, got ${wrong}`);
}

function policyOf(config: ModelConfig__Output): Scheduling['policy'] | undefined {
  const given = weftParameter(config, 'policy');
  const policy = policies.find((name) => name === given);
  if (given === undefined || policy !== undefined) return policy;
  const meant = nearestName(given, policies);
  const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
  throw invalidArgument(`weft.policy: expected ${policies.join(', ')}, got "${given}"${hint}`);
}

/** From `acme=3, free=1`. */
function tenantWeightsOf(config: ModelConfig__Output): ReadonlyMap<string, number> {
  const where = 'weft.tenant_weights';
  const weights = new Map<string, number>();
  for (const entry of weftParameter(config, 'tenant_weights')?.split(',') ?? []) {
    const sign = entry.lastIndexOf('=');
    const tenant = entry.slice(0, Math.max(0, sign)).trim();
    if (tenant === '') throw invalidArgument(`${where}: expected TENANT=WEIGHT, got "${entry.trim()}"`);
    if (weights.has(tenant)) throw invalidArgument(`${where}: tenant "${tenant}" has two weights`);
    weights.set(tenant, positiveNumber(where, entry.slice(sign + 1).trim()));
  }
  return weights;
}
