// The calls about shared memory. Regions belong to one host: a service offers them to clients on its own, when it was told to; a
// router, whose replicas may be anywhere, does not. Memory of GPUs is not offered. Where nothing can be registered, taking back all
// that is has been done already: Triton's examples begin with that.
import { WeftError } from '@weft/errors';
import type { SharedMemory } from '../shared-memory/shared-memory.ts';
import type { OpenInferenceAnswers } from './answers.ts';

type Calls = 'Status' | 'Register' | 'Unregister';
type SharedMemoryAnswers = Pick<OpenInferenceAnswers, `SystemSharedMemory${Calls}` | `CudaSharedMemory${Calls}`>;

export function sharedMemoryAnswers(memory: SharedMemory | undefined, isRouter: boolean): SharedMemoryAnswers {
  const offered = (): SharedMemory => {
    if (memory !== undefined) return memory;
    if (isRouter)
      throw new WeftError(
        'UNIMPLEMENTED',
        'system shared memory is not offered by a router: a service may offer it to clients on its own host (--system-shared-memory)',
      );
    throw new WeftError(
      'FAILED_PRECONDITION',
      'system shared memory is switched off: start this service with --system-shared-memory to offer it to clients on its host',
    );
  };
  const noCuda = (): never => {
    throw new WeftError('UNIMPLEMENTED', 'CUDA shared memory is not supported: send tensors in the request');
  };
  return {
    SystemSharedMemoryStatus: ({ name }) => ({
      regions: Object.fromEntries(
        offered()
          .status(name)
          .map((region) => [
            region.name,
            { name: region.name, key: region.key, offset: region.offset, byteSize: region.byteSize },
          ]),
      ),
    }),
    SystemSharedMemoryRegister(region) {
      offered().register(region);
      return {};
    },
    SystemSharedMemoryUnregister({ name }) {
      if (memory === undefined && name === '') return {};
      offered().unregister(name);
      return {};
    },
    CudaSharedMemoryStatus: noCuda,
    CudaSharedMemoryRegister: noCuda,
    CudaSharedMemoryUnregister: ({ name }) => (name === '' ? {} : noCuda()),
  };
}
