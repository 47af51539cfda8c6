// `npm run test:k8s`: sets up, then shows the overlays of deploy/k8s to a real control plane.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');

try {
  await bootstrap();
  process.setSourceMapsEnabled(true);
  const { main } = await import(new URL('../test/dist/cluster/main.js', import.meta.url));
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
