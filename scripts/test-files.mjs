// Which compiled test files run, and in which process.
//
// Unit tests share one process, which is several times faster than a process each. Tests that load a native runtime or
// start workers (`*.native.test.ts`) and everything under test/ (integration) get a process of their own: a crash or a
// leaked thread there must not take the others along. The list is made from the sources, so that a stale output never runs.

import { listFiles, listProjects, listSources, repositoryRoot } from './projects.mjs';

const compiledOf = ({ sourceDir, outputDir }, source) =>
  `${outputDir}${source.slice(sourceDir.length, -'.ts'.length)}.js`;

/** `{unit, alone}`: paths of files to run, relative to the root; with `filter`, those whose path contains it. */
export function listTestFiles({ root = repositoryRoot, filter = '' } = {}) {
  const unit = listFiles('scripts', root).filter((file) => file.endsWith('.test.mjs'));
  const alone = [];
  for (const project of listProjects(root)) {
    for (const source of listSources(project, root)) {
      if (!source.endsWith('.test.ts')) continue;
      const isAlone = project.dir === 'test' || source.endsWith('.native.test.ts');
      (isAlone ? alone : unit).push(compiledOf(project, source));
    }
  }
  const matching = (files) => files.filter((file) => file.includes(filter));
  return { unit: matching(unit), alone: matching(alone) };
}
