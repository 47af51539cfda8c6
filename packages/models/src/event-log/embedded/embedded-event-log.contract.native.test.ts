import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLogContract } from '../../testing/event-log-contract.ts';
import { EmbeddedEventLog } from './embedded-event-log.ts';

eventLogContract({
  name: 'embedded',
  boundedMemory: true,
  makeStore: async (t) => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'weft-event-log-'));
    t.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
    const [events, away] = [join(dataDirectory, 'events'), join(dataDirectory, 'away')];
    return {
      open: ({ writes }) => new EmbeddedEventLog({ dataDirectory, writes }),
      async lose() {
        renameSync(events, away);
        writeFileSync(events, 'a file where the folder was');
      },
      async restore() {
        rmSync(events);
        renameSync(away, events);
      },
      artifactTraces: async () => readdirSync(join(dataDirectory, 'artifacts')),
    };
  },
});
