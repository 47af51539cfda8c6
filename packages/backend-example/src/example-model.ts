// What the example backends have in common: models without a file, whose tensors are what the configuration says of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { invalidArgument } from '@weft/errors';
import type { BackendModel, BackendOptions, StreamContext } from '@weft/runtime';
import type { Datatype, TensorMap } from '@weft/tensor';

/** They sleep and hardly compute: any number goes side by side. */
export const exampleSlots = 256;

export const examplePlacement: BackendModel['placement'] = { provider: 'cpu', fallbackReason: '' };

export type Configured = NonNullable<BackendOptions['configured']>;

/** The tensors by the configuration. Throws INVALID_ARGUMENT unless they have these names and datatypes. */
export function requireTensors(
  backend: string,
  configured: Configured | undefined,
  wanted: { readonly [Kind in 'inputs' | 'outputs']: Readonly<Record<string, Datatype>> },
): Configured {
  for (const kind of ['inputs', 'outputs'] as const) {
    const given = configured?.[kind] ?? [];
    const expected = Object.entries(wanted[kind]).map(([name, datatype]) => `${name} (${datatype})`);
    const got = given.map(({ name, datatype }) => `${name} (${datatype})`);
    if (expected.toSorted().join() === got.toSorted().join()) continue;
    throw invalidArgument(
      `a model of the backend '${backend}' has the ${kind} ${expected.join(', ')}; the configuration has ${got.join(', ') || 'none'}`,
    );
  }
  return configured as Configured;
}

/** A timer of more fires at once. */
const longestTimer = 2 ** 31 - 1;

/** Throws what the context throws when nobody waits any more. */
export async function pause(ms: number, context: StreamContext): Promise<void> {
  context.throwIfGone();
  if (ms === 0) return;
  try {
    await sleep(Math.min(ms, longestTimer), undefined, { signal: context.signal });
  } catch (thrown) {
    context.throwIfGone();
    throw thrown;
  }
}

/** The one response of a model that is not decoupled. Throws INVALID_ARGUMENT when the request means another number. */
export async function onlyResponse(responses: AsyncIterable<TensorMap>): Promise<TensorMap> {
  const all: TensorMap[] = [];
  for await (const response of responses) all.push(response);
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  throw invalidArgument(
    `this request has ${all.length} responses, which only a decoupled model can give (model_transaction_policy)`,
  );
}

/** Of a request that somebody waits for to the end. */
export const attended: StreamContext = { signal: new AbortController().signal, tenant: '', throwIfGone() {} };
