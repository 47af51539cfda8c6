// Opens a session on the first execution provider that works. onnxruntime has no such fallback of its own: it throws
// when the library, the driver or the device of any provider in its list is missing. A GPU session keeps the lesser
// providers behind the first, for the operators that this one lacks.
import { WeftError } from '@weft/errors';
import type { BackendModel, BackendOptions } from '@weft/runtime';
import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import { explainFailure, isModelFailure } from './explain-failure.ts';

type Provider = InferenceSession.ExecutionProviderConfig;

export interface PlacedSession {
  readonly session: InferenceSession;
  readonly placement: BackendModel['placement'];
}

// Whatever the runtime logs as an error it also throws; its log on stderr would only say it twice.
env.logLevel = 'fatal';

/** What this build knows by name; the libraries behind a name may still be missing. Other names it would pass over in silence. */
const built = new Set(listSupportedBackends().map((backend) => backend.name));

/** Rejects with INVALID_ARGUMENT when the model is at fault, UNAVAILABLE with all reasons when every provider is. */
export async function createSession(path: string, options: BackendOptions): Promise<PlacedSession> {
  const providers = options.providers.length > 0 ? options.providers : ['cpu'];
  const reasons: string[] = [];
  for (const provider of providers) {
    if (!built.has(provider)) {
      reasons.push(`${provider}: this build of onnxruntime has no such provider`);
      continue;
    }
    try {
      const session = await InferenceSession.create(path, sessionOptions(provider, options));
      return { session, placement: { provider, fallbackReason: reasons.join('; ') } };
    } catch (cause) {
      const reason = explainFailure(cause, path);
      // The CPU provider is always there and runs every standard operator: where it fails, the model is at fault.
      if (isModelFailure(cause) || provider === 'cpu') {
        throw new WeftError('INVALID_ARGUMENT', `onnxruntime cannot load the model: ${reason}`, { cause });
      }
      reasons.push(`${provider}: ${reason}`);
    }
  }
  throw new WeftError('UNAVAILABLE', `no execution provider works: ${reasons.join('; ')}`);
}

/**
 * Threads wait this short a time for the next operator before they sleep; values must be strings. Threads that sleep at once cost a small
 * model a fifth of its speed, and those that wait as long as onnxruntime lets them cost ten times the CPU of a lightly loaded model, and half
 * the speed where several models share the cores.
 */
const spinning = { intra_op: { spin_duration_us: '20' }, inter_op: { allow_spinning: '0' } };

function sessionOptions(
  provider: string,
  { deviceId, threads, tuning = {} }: BackendOptions,
): InferenceSession.SessionOptions {
  const { memoryArena, memoryPattern, deviceInitializers } = tuning;
  const session = deviceInitializers === true ? { ...spinning, use_device_allocator_for_initializers: '1' } : spinning;
  return {
    executionProviders: providerList(provider, deviceId),
    intraOpNumThreads: tuning.threads ?? threads,
    interOpNumThreads: tuning.interOpThreads ?? (tuning.parallel === true ? threads : 1),
    executionMode: tuning.parallel === true ? 'parallel' : 'sequential',
    graphOptimizationLevel: tuning.graphOptimization ?? 'all',
    ...(memoryArena === undefined ? {} : { enableCpuMemArena: memoryArena }),
    ...(memoryPattern === undefined ? {} : { enableMemPattern: memoryPattern }),
    extra: { session },
  };
}

function providerList(provider: string, deviceId: number): readonly Provider[] {
  switch (provider) {
    case 'tensorrt':
      return [{ name: 'tensorrt', deviceId }, { name: 'cuda', deviceId }, 'cpu'];
    case 'cuda':
      return [{ name: 'cuda', deviceId }, 'cpu'];
    case 'cpu':
      return ['cpu'];
    default:
      return [provider, 'cpu'];
  }
}
