import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  depotOf,
  filesBelow,
  keeping,
  never,
  pushed,
  sha256Of,
  storeIn,
  temporaryFolder,
} from './testing/store-folder.ts';

const program = fileURLToPath(new URL('./testing/hang-mid-file.js', import.meta.url));

test('what a process leaves that is killed while it fetches is swept, and while it runs it is not', async (t) => {
  const folder = temporaryFolder(t);
  const directory = join(folder, 'fetched/custom');
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const store = storeIn(t, folder, { depot: await depotOf('half') });
  await store.sweep(keeping([]));
  const whole = `files/${sha256Of('half')}`;
  const ofChild = filesBelow(directory).filter((path) => path !== whole);
  assert.equal(ofChild.length, 2);
  assert.ok(ofChild.every((path) => path.includes(`.${child.pid}.`) && path.includes('/partial/')));
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const wanted = pushed({ 'a.txt': 'half' });
  await store.sweep(keeping([wanted]));
  assert.deepEqual(filesBelow(directory), [whole]);
  await store.place(wanted, { signal: never });
  await store.sweep(keeping([]));
  assert.deepEqual(filesBelow(directory), []);
});
