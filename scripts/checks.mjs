// The checks that run no test: names, commands, and what mends a finding.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './projects.mjs';
import { CommandError, runNode } from './run-command.mjs';

/** The script behind a package's command, so that it runs with our own Node on every system. */
function commandOf(packageName, command) {
  const folder = join(repositoryRoot, 'node_modules', packageName);
  if (!existsSync(folder)) throw new CommandError(`${packageName} is not installed`, { advice: 'Run npm ci.' });
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, bin[command]);
}

const checks = [
  { name: 'generated', args: () => ['scripts/gen.mjs', '--check'], mend: 'npm run gen' },
  { name: 'settings', args: () => ['scripts/settings-docs.mjs', '--check'], mend: 'npm run docs' },
  { name: 'imports', args: () => ['scripts/check-imports.mjs'], mend: 'see the import law in CONTRIBUTING.md' },
  { name: 'format', args: () => [commandOf('@biomejs/biome', 'biome'), 'format'], mend: 'npm run format' },
  {
    name: 'lint',
    args: () => [commandOf('oxlint', 'oxlint'), '--type-aware', '--deny-warnings'],
    mend: 'mend the code, or say in a comment why the rule does not apply',
  },
  {
    name: 'unused',
    args: () => [commandOf('knip', 'knip'), '--no-progress', '--no-config-hints'],
    mend: 'remove what nothing uses, or unlist the dependency',
  },
  {
    name: 'protos',
    args: () => [commandOf('@bufbuild/buf', 'buf'), 'lint'],
    mend: 'mend the .proto files, or add an exception with its reason to buf.yaml',
  },
  {
    name: 'compose',
    // Its warnings are about the order of keys.
    args: () => [commandOf('dclint', 'dclint'), '--quiet', 'deploy/compose.yaml'],
    mend: 'mend deploy/compose.yaml',
  },
];

/** Runs every check, also after one has failed, and resolves with the names of those that failed. */
export async function runChecks(step, stream) {
  const failed = [];
  for (const { name, args, mend } of checks) {
    try {
      await step(name, async () => {
        const { code, output } = await runNode(args(), { cwd: repositoryRoot });
        if (code !== 0) throw new CommandError(`${name} found something`, { output, advice: `To mend it: ${mend}.` });
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failed.push(name);
      stream.write(`${error.output.trimEnd()}\n${error.advice}\n`);
    }
  }
  return failed;
}
