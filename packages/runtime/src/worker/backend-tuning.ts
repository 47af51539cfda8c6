// What a configuration says about how the runtime computes: Triton's `optimization` and the parameters of its backend onnxruntime. What
// is not here has no counterpart in the runtimes' bindings for Node, and no effect: docs/models.md has the table.
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { BackendTuning } from '../backend.ts';

/** Throws INVALID_ARGUMENT naming the setting that cannot be meant. */
export function backendTuning(config: ModelConfig__Output): BackendTuning {
  const threads = countParameter(config, 'intra_op_thread_count');
  const interOpThreads = countParameter(config, 'inter_op_thread_count');
  const parallel = flagParameter(config, 'execution_mode');
  const memoryArena = flagParameter(config, 'enable_mem_arena');
  const memoryPattern = flagParameter(config, 'enable_mem_pattern');
  const deviceInitializers = flagParameter(config, 'session.use_device_allocator_for_initializers');
  const graphOptimization = graphOptimizationOf(config);
  return {
    // 0 leaves it to the server.
    ...(threads === undefined || threads === 0 ? {} : { threads }),
    ...(interOpThreads === undefined || interOpThreads === 0 ? {} : { interOpThreads }),
    ...(parallel === undefined ? {} : { parallel }),
    ...(memoryArena === undefined ? {} : { memoryArena }),
    ...(memoryPattern === undefined ? {} : { memoryPattern }),
    ...(deviceInitializers === undefined ? {} : { deviceInitializers }),
    ...(graphOptimization === undefined ? {} : { graphOptimization }),
  };
}

/** Triton's levels are its own: −1 is basic, 1 extended, 2 none at all. Absent and 0: everything. */
function graphOptimizationOf({ optimization }: ModelConfig__Output): BackendTuning['graphOptimization'] | undefined {
  const level = optimization?.graph?.level ?? 0;
  const known = { '-1': 'basic', '1': 'extended', '2': 'disabled' } as const;
  if (level === 0) return undefined;
  const named = known[String(level) as keyof typeof known];
  if (named === undefined) throw invalidArgument(`optimization.graph.level: expected -1, 0, 1 or 2, got ${level}`);
  return named;
}

function countParameter(config: ModelConfig__Output, name: string): number | undefined {
  const text = config.parameters[name]?.stringValue;
  if (text === undefined || text === '') return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0 || count > 1024)
    throw invalidArgument(`parameter '${name}': expected a whole number from 0 to 1024, got "${text}"`);
  return count;
}

function flagParameter(config: ModelConfig__Output, name: string): boolean | undefined {
  const text = config.parameters[name]?.stringValue;
  if (text === undefined || text === '') return undefined;
  if (text !== '0' && text !== '1') throw invalidArgument(`parameter '${name}': expected 0 or 1, got "${text}"`);
  return text === '1';
}
