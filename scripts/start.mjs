// `npm start`: sets up, then is `weft up`, in this very process, so that signals need no relay.
//
// Arguments go on to `weft up`: npm start -- --model-repository DIR

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');

try {
  await bootstrap();
  process.setSourceMapsEnabled(true);
  const { main } = await import(new URL('../packages/cli/dist/main.js', import.meta.url));
  const exitCode = await main(['up', ...process.argv.slice(2)]);
  if (typeof exitCode === 'number') process.exitCode = exitCode;
  // A leftover must not keep a finished command alive.
  setTimeout(() => process.exit(), 3000).unref();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
