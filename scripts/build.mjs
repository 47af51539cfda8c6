// Compiles every project with `tsc -b`, and keeps dist/ an exact image of src/.
//
// The compiler neither removes the output of a deleted source nor notices that an output was deleted, so a removed test
// would go on running and a removed dist/ would stay away. Both are mended here before it runs.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles, listProjects, listSources, repositoryRoot } from './projects.mjs';
import { CommandError, runNode } from './run-command.mjs';

const outputSuffix = /\.(d\.ts|js)(\.map)?$/;

/** Removes outputs without a source; makes the compiler start afresh where outputs are missing. */
export function mendOutputs(project, root = repositoryRoot) {
  const { dir, sourceDir, outputDir } = project;
  const stems = new Set(listSources(project, root).map((file) => file.slice(sourceDir.length, -'.ts'.length)));
  const removed = listFiles(outputDir, root).filter(
    (file) => outputSuffix.test(file) && !stems.has(file.slice(outputDir.length).replace(outputSuffix, '')),
  );
  for (const file of removed) rmSync(join(root, file));
  const complete = [...stems].every((stem) => existsSync(join(root, `${outputDir}${stem}.js`)));
  if (!complete)
    for (const folder of [dir, outputDir]) rmSync(join(root, folder, 'tsconfig.tsbuildinfo'), { force: true });
  return removed;
}

export async function build(root = repositoryRoot) {
  for (const project of listProjects(root)) mendOutputs(project, root);
  const pretty = process.stderr.isTTY ? ['--pretty'] : [];
  const { code, output } = await runNode([join(root, 'node_modules/typescript/bin/tsc'), '-b', ...pretty], {
    cwd: root,
  });
  if (code !== 0) throw new CommandError('the TypeScript build failed', { output });
}
