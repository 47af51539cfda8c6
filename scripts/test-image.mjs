// `npm run test:image`: sets up, then builds the images of deploy/docker without a container engine, and runs the mesh in one.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');

try {
  await bootstrap();
  const { provideNatsServer } = await import('./nats-server.mjs');
  await provideNatsServer();
  process.setSourceMapsEnabled(true);
  const { main } = await import(new URL('../test/dist/image/main.js', import.meta.url));
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
