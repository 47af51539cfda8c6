// For tests: folders that go away with the process.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | undefined;
let count = 0;

/** A new, empty folder. */
export function temporaryFolder(): string {
  root ??= makeRoot();
  const folder = join(root, String(count++));
  mkdirSync(folder);
  return folder;
}

function makeRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-convert-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
