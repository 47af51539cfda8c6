// A process of its own for the tests of a full disk: places a version that fits, then one that does not, then the first again,
// and prints what came of it.
import { argv } from 'node:process';
import { createSources } from '../create-sources.ts';
import type { PushedVersion } from '../pushed-version.ts';
import { VersionStore } from '../version-store.ts';
import { artifactDefaults, depotOf, filesBelow, never, pushed } from './store-folder.ts';

const [, , folder = '', largeBytes = ''] = argv;
const large = 'x'.repeat(Number(largeBytes));
const depot = await depotOf('small', large);
const sources = createSources({ settings: artifactDefaults, npmRoots: [], depot });
const store = new VersionStore({ directory: folder, sources, maxArtifactBytes: 2 ** 40, trustedKeys: new Map() });

const place = (version: PushedVersion): Promise<string> =>
  store
    .place(version, { signal: never })
    .catch(({ code, message }: { code: string; message: string }) => `${code} ${message}`);

const small = pushed({ 'small.txt': 'small' }, '1');
const first = filesBelow(await place(small));
const second = await place(pushed({ 'small.txt': 'small', 'model.onnx': large }, '2'));
const left = filesBelow(folder).map((path) => path.replace(/^owners\/[^/]+\/versions\/[^/]+/, 'versions'));
const third = filesBelow(await place(small));
process.stdout.write(JSON.stringify({ first, second, left, third }));
