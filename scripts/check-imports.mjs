// `node scripts/check-imports.mjs [DIR]`: the import law. Who may import whom, and that manifests and compiler
// references say exactly what is imported. Prints each finding with its mend, and exits with 1 when there is any.

import './check-node.mjs';

import { checkTree } from './import-law/check-tree.mjs';
import { repositoryRoot } from './projects.mjs';

const findings = checkTree(process.argv[2] ?? repositoryRoot);
for (const { where, what, mend } of findings) console.error(`${where} ${what}.\n    To mend it: ${mend}.`);
if (findings.length > 0) {
  console.error(
    `\n${findings.length} finding${findings.length === 1 ? '' : 's'} against the import law (CONTRIBUTING.md).`,
  );
  process.exitCode = 1;
}
