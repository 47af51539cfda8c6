// Generates the TypeScript types of proto/ into packages/rpc/src/gen, with the options that the loader uses at run time.
//
// `npm run gen` writes them, and removes those whose message is gone; with --check nothing is written, and the first file
// that differs is named. Only messages and service definitions are kept: client stubs and the tool's per-file roots are
// not, since packages/rpc makes its clients from the loaded definitions.

import './check-node.mjs';

import { mkdtempSync, readFileSync, readdirSync, rmSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { listFiles, repositoryRoot } from './projects.mjs';
import { runNode } from './run-command.mjs';

const target = 'packages/rpc/src/gen';
const generator = 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js';
// The same choices as in packages/rpc, where the definitions are loaded: camel case, 64-bit numbers as number, enums as
// strings, defaults filled in, `oneof` members told by name, bytes as Buffer.
const options = ['--longs=Number', '--enums=String', '--defaults', '--arrays', '--objects', '--oneofs'];

async function generate(outDir) {
  const protos = listFiles('proto').filter((file) => file.endsWith('.proto'));
  const { code, output } = await runNode(
    [
      generator,
      ...options,
      '--targetFileExtension=.ts',
      '--importFileExtension=.ts',
      '-I',
      'proto',
      '-O',
      outDir,
      ...protos.map((file) => relative('proto', file)),
    ],
    { cwd: repositoryRoot },
  );
  if (code !== 0) throw new Error(`proto-loader-gen-types failed:\n${output}`);
  for (const entry of readdirSync(outDir, { withFileTypes: true })) {
    // google/ describes .proto files themselves, pulled in by our field option.
    if (entry.isFile() || entry.name === 'google') rmSync(join(outDir, entry.name), { recursive: true });
  }
}

/** The first path that is not the same in both folders, with what is wrong; undefined when all are. */
function firstDifference(fresh, committed) {
  const inside = (folder) => listFiles('.', folder);
  const [freshFiles, committedFiles] = [inside(fresh), inside(committed)];
  for (const file of [...new Set([...freshFiles, ...committedFiles])].sort()) {
    if (!committedFiles.includes(file)) return `${file} is missing`;
    if (!freshFiles.includes(file)) return `${file} belongs to no message any more`;
    if (!readFileSync(join(fresh, file)).equals(readFileSync(join(committed, file)))) return `${file} is out of date`;
  }
  return undefined;
}

const fresh = mkdtempSync(join(tmpdir(), 'weft-gen-'));
try {
  await generate(fresh);
  const difference = firstDifference(fresh, join(repositoryRoot, target));
  if (process.argv.includes('--check')) {
    if (difference) console.error(`${target}/${difference}`);
    process.exitCode = difference ? 1 : 0;
  } else if (difference) {
    rmSync(join(repositoryRoot, target), { recursive: true, force: true });
    cpSync(fresh, join(repositoryRoot, target), { recursive: true });
    console.log(`${target} is written`);
  } else console.log(`${target} is current`);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
