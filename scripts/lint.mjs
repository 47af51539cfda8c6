// `npm run lint`: sets up, then every check that runs no test.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');

try {
  const step = await bootstrap({ stream: process.stdout });
  const { runChecks } = await import('./checks.mjs');
  const failed = await runChecks(step, process.stdout);
  if (failed.length > 0) process.exitCode = 1;
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
