// `npm test`: sets up, runs every check, then every test, and ends with node:test's totals.
//
// `npm test -- TEXT` runs only the test files whose path contains TEXT, without the checks.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');
const { seconds } = await import('./step-log.mjs');
const { listTestFiles } = await import('./test-files.mjs');
const { runNode, stopChildrenOnSignal } = await import('./run-command.mjs');

// Bounds one file (all unit tests count as one): a hanging test ends the run with its name instead of never.
const fileTimeoutMs = 240_000;
const concurrency = 2;

const stream = process.stdout;

async function runTests({ unit, alone }, filter) {
  const files = [...(unit.length > 0 ? ['scripts/unit-entry.mjs'] : []), ...alone];
  if (files.length === 0) {
    stream.write(`\nNo test file's path contains "${filter}".\n`);
    return 1;
  }
  stream.write(`\n${unit.length} unit test files in one process, ${alone.length} files in a process each\n\n`);
  const options = [
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${fileTimeoutMs}`,
    '--test-reporter=./scripts/test-reporter.mjs',
    '--test-reporter-destination=stdout',
  ];
  stopChildrenOnSignal();
  const env = { WEFT_TEST_FILTER: filter };
  return (await runNode([...options, ...files], { cwd: new URL('..', import.meta.url), env, inherit: true })).code;
}

async function runAll(filter) {
  const startMs = performance.now();
  const step = await bootstrap({ stream });
  const { provideNatsServer } = await import('./nats-server.mjs');
  let nats;
  await step('nats-server', async () => (nats = await provideNatsServer()).line, {
    announce: 'for tests of the event log',
  });
  let failed = [];
  if (filter === '') {
    const { providePythonPackages } = await import('./python-packages.mjs');
    const { runChecks } = await import('./checks.mjs');
    await step('python', providePythonPackages, { announce: 'gRPC for the Python client test' });
    failed = await runChecks(step, stream);
  } else stream.write(`  checks       skipped, since only the tests with "${filter}" in their path were asked for\n`);

  const testCode = await runTests(listTestFiles({ filter }), filter);
  if (testCode !== 0) failed.push('tests');
  if (nats.version === undefined) {
    stream.write(
      '\nSKIPPED: every test that needs a nats-server, since none could be had. Install one and run again.\n',
    );
    if (process.env.WEFT_REQUIRE_NATS) failed.push('nats-server');
  }
  stream.write(
    failed.length === 0
      ? `\nAll passed (${seconds(startMs)})\n`
      : `\nFAILED: ${failed.join(', ')} (${seconds(startMs)})\n`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

try {
  await runAll(process.argv[2] ?? '');
} catch (error) {
  reportFailure(error, stream);
  process.exitCode = 1;
}
