// Generates the TypeScript types of proto/ into packages/rpc/src/gen, with the options that the loader uses at run time.
//
// `npm run gen` writes what changed, and removes files whose message is gone; with --check nothing is written, and the
// files that differ are named. Only messages and service definitions are kept: client stubs and the tool's per-file roots are
// not, since packages/rpc makes its clients from the loaded definitions.

import './check-node.mjs';

import { mkdtempSync, readFileSync, readdirSync, rmSync, cpSync, writeFileSync } from 'node:fs';
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
  await generateDescriptors(outDir);
}

/** The protocol as its compiler describes it, for reflection: what the loader makes at run time knows no files and no imports. */
async function generateDescriptors(outDir) {
  const image = join(outDir, 'descriptors.binpb');
  const args = ['build', 'proto', '--exclude-source-info', '--as-file-descriptor-set', '-o', image];
  const { code, output } = await runNode(['node_modules/@bufbuild/buf/bin/buf', ...args], { cwd: repositoryRoot });
  if (code !== 0) throw new Error(`buf build failed:\n${output}`);
  const encoded = readFileSync(image).toString('base64');
  rmSync(image);
  const header = '// An encoded google.protobuf.FileDescriptorSet of everything under proto/.\n';
  writeFileSync(join(outDir, 'descriptors.ts'), `${header}export const descriptors = '${encoded}';\n`);
}

/** What is not the same in both folders, as `{file, what, apply}`; `apply` makes it the same. */
function differences(fresh, committed) {
  const [freshFiles, committedFiles] = [fresh, committed].map((folder) => listFiles('.', folder));
  const copy = (file) => cpSync(join(fresh, file), join(committed, file));
  const isChanged = (file) => !readFileSync(join(fresh, file)).equals(readFileSync(join(committed, file)));
  const [missing, kept] = [
    freshFiles.filter((file) => !committedFiles.includes(file)),
    freshFiles.filter((file) => committedFiles.includes(file)),
  ];
  const gone = committedFiles.filter((file) => !freshFiles.includes(file));
  return [
    ...missing.map((file) => ({ file, what: 'is missing', apply: () => copy(file) })),
    ...kept.filter(isChanged).map((file) => ({ file, what: 'is out of date', apply: () => copy(file) })),
    ...gone.map((file) => ({
      file,
      what: 'belongs to no message any more',
      apply: () => rmSync(join(committed, file)),
    })),
  ];
}

const fresh = mkdtempSync(join(tmpdir(), 'weft-gen-'));
try {
  await generate(fresh);
  const found = differences(fresh, join(repositoryRoot, target));
  if (process.argv.includes('--check')) {
    for (const { file, what } of found) console.error(`${target}/${file} ${what}`);
    if (found.length > 0) process.exitCode = 1;
  } else {
    for (const { apply } of found) apply();
    console.log(found.length === 0 ? `${target} is current` : `${target}: ${found.length} files changed`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
