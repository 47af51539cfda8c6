// The engines that TensorFlow.js can compute on, and how to come by each. The native ones are packages that a person
// installs on purpose (their installation downloads TensorFlow itself), so they are looked for, not depended upon.
// A thread opens each engine once; several models may use different engines, so each run activates its own.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findBackend, findBackendFactory, getKernelsForBackend, setBackend } from '@tensorflow/tfjs-core';

export type EngineName = 'cuda' | 'tensorflow' | 'wasm' | 'cpu';

export interface Engine {
  readonly name: EngineName;
  /** Makes it the engine of the operations that follow in this thread. */
  activate(): Promise<void>;
  /** True when results share memory with what the model keeps, and so must be copied. */
  readonly sharesResults: boolean;
  /** Why it cannot run a model of these needs; undefined when it can, as far as one sees beforehand. */
  findObstacle(needs: ModelNeeds): string | undefined;
}

export interface ModelNeeds {
  /** Names of the operators in a graph and its functions; empty for a layers model. */
  readonly operators: ReadonlySet<string>;
  /** True when a graph computes with text. */
  readonly strings: boolean;
}

const { resolve } = createRequire(import.meta.url);
const opened = new Map<EngineName, Promise<Engine | undefined>>();
let wasmFound = false;

/** Undefined when the engine's package is not installed. Rejects, saying why, when it is there but does not work. */
export function openEngine(name: EngineName): Promise<Engine | undefined> {
  const known = opened.get(name);
  if (known !== undefined) return known;
  const engine = openers[name]();
  opened.set(name, engine);
  // What does not work now may do so for the model that comes next.
  engine.catch(() => opened.delete(name));
  return engine;
}

const openers: Readonly<Record<EngineName, () => Promise<Engine | undefined>>> = {
  async cuda() {
    if (!(await importNative('@tensorflow/tfjs-node-gpu'))) return undefined;
    const engine = await activated('cuda', 'tensorflow');
    const { isUsingGpuDevice } = findBackend('tensorflow') as { isUsingGpuDevice?: boolean };
    if (isUsingGpuDevice !== true) throw new Error('TensorFlow found no GPU that it can use');
    return engine;
  },
  async tensorflow() {
    return (await importNative('@tensorflow/tfjs-node')) ? activated('tensorflow', 'tensorflow') : undefined;
  },
  async wasm() {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    // The library refuses it once it has begun, though the engine did not start.
    if (!wasmFound) setWasmPaths(join(dirname(resolve('@tensorflow/tfjs-backend-wasm')), '/'));
    wasmFound = true;
    const engine = await withoutCrashListeners(() => activated('wasm', 'wasm'));
    return {
      ...engine,
      sharesResults: false,
      findObstacle: (needs) =>
        engine.findObstacle(needs) ?? (needs.strings ? 'it does not compute with strings' : undefined),
    };
  },
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu');
    return activated('cpu', 'cpu');
  },
};

/** False when the package is not installed. */
async function importNative(name: string): Promise<boolean> {
  try {
    resolve(name);
  } catch {
    return false;
  }
  await import(name);
  if (findBackendFactory('tensorflow') === null)
    throw new Error(`${name} belongs to another copy of @tensorflow/tfjs-core`);
  return true;
}

async function activated(name: EngineName, backendName: string): Promise<Engine> {
  const activate = async () => {
    if (!(await setBackend(backendName))) throw new Error('it does not start');
  };
  await activate();
  const missing = await missingKernels(backendName);
  return {
    name,
    activate,
    sharesResults: true,
    findObstacle({ operators }) {
      const operator = [...operators].find((each) => missing.has(each));
      return operator && `it has no kernel for ${operator}`;
    },
  };
}

/**
 * The WebAssembly module's loader installs listeners that throw again whatever nobody caught, so that no listener of
 * the program's own would get to see it. They are taken away.
 */
async function withoutCrashListeners<T>(act: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = new Set<unknown>(events.flatMap((event) => process.listeners(event as 'uncaughtException')));
  try {
    return await act();
  } finally {
    for (const event of events) {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before.has(listener)) process.removeListener(event, listener);
      }
    }
  }
}

/** What the plain engine can compute and this one cannot. Such kernels have the names of their graph operators. */
async function missingKernels(backendName: string): Promise<ReadonlySet<string>> {
  await import('@tensorflow/tfjs-backend-cpu');
  const names = (backend: string) => getKernelsForBackend(backend).map((kernel) => kernel.kernelName);
  const own = new Set(names(backendName));
  return new Set(names('cpu').filter((name) => !own.has(name)));
}
