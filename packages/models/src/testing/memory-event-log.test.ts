import { eventLogContract } from './event-log-contract.ts';
import { MemoryEventLog } from './memory-event-log.ts';

eventLogContract({
  name: 'memory',
  boundedMemory: false,
  oneForAll: true,
  makeStore: async () => {
    const log = new MemoryEventLog();
    return {
      open: () => log,
      lose: async () => log.cutOff('cut off'),
      restore: async () => log.cutOff(undefined),
      artifactTraces: async () => [],
    };
  },
});
