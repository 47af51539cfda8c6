// A process of its own for the test of a killed one: it places a version whose second file never ends, and says when that began.
import { argv } from 'node:process';
import { depotSource } from '../depot-source.ts';
import { VersionStore } from '../version-store.ts';
import { depotThat, gate, never, pushed, sha256Of } from './store-folder.ts';

const [, , folder = ''] = argv;
const depot = depotThat(async function* ({ sha256 }) {
  yield Buffer.from('half');
  if (sha256 === sha256Of('half')) return;
  process.stdout.write('begun\n');
  await gate().opened;
});
const sources = { of: () => depotSource(depot), close: async () => undefined };
const store = new VersionStore({ directory: folder, sources, maxArtifactBytes: 2 ** 40, trustedKeys: new Map() });
const alive = setInterval(() => undefined, 60_000);
await store.place(pushed({ 'a.txt': 'half', 'b.txt': 'half of it' }), { signal: never });
clearInterval(alive);
