// `npm run bench -- NAME`: sets up, then runs the named benchmark.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');

try {
  await bootstrap();
  process.setSourceMapsEnabled(true);
  const { main } = await import(new URL('../bench/dist/main.js', import.meta.url));
  const exitCode = await main(process.argv.slice(2));
  if (typeof exitCode === 'number') process.exitCode = exitCode;
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
