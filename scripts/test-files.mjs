// Which compiled test files run, and in which process.
//
// Unit tests share one process, which is several times faster than a process each. Tests that load a native runtime or
// start workers (`*.native.test.ts`) and everything under test/ (integration) get a process of their own: a crash or a
// leaked thread there must not take the others along. The list is made from the sources, so that a stale output never runs.

import { listFiles, listProjects, listSources, repositoryRoot } from './projects.mjs';

const compiledOf = ({ sourceDir, outputDir }, source) =>
  `${outputDir}${source.slice(sourceDir.length, -'.ts'.length)}.js`;

/** `{unit, alone}`: files to run, relative to the root; with `filter`, those whose path (source or compiled) contains it. */
export function listTestFiles({ root = repositoryRoot, filter = '' } = {}) {
  const unit = listFiles('scripts', root).filter((file) => file.endsWith('.test.mjs') && file.includes(filter));
  const alone = [];
  for (const project of listProjects(root)) {
    for (const source of listSources(project, root)) {
      const compiled = compiledOf(project, source);
      if (!source.endsWith('.test.ts') || ![source, compiled].some((file) => file.includes(filter))) continue;
      const isAlone = project.dir === 'test' || source.endsWith('.native.test.ts');
      (isAlone ? alone : unit).push(compiled);
    }
  }
  return { unit, alone };
}
