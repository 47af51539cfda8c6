// `npm run conformance`: sets up, then runs other people's clients against a started mesh.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');

try {
  await bootstrap();
  const { provideNatsServer } = await import('./nats-server.mjs');
  console.error(`  nats-server: ${(await provideNatsServer()).line}`);
  process.setSourceMapsEnabled(true);
  const { main } = await import(new URL('../test/dist/conformance/main.js', import.meta.url));
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
