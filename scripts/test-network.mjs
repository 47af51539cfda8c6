// `npm run test:network`: sets up, then runs a mesh in network namespaces (test/src/network).
//
// Everything lives in a private network with private mounts and processes, which the kernel takes away with the last process in it,
// whatever ended that: nothing has to be cleaned up, and the machine's own network is never touched. Root may make such
// namespaces; others where the kernel allows them a user namespace, in which they are root.

import './check-node.mjs';

const { bootstrap, reportFailure } = await import('./bootstrap.mjs');
const { CommandError, runCommand, stopChildrenOnSignal } = await import('./run-command.mjs');

const inside = 'WEFT_TEST_NAMESPACES';
const own = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const needs = 'It needs Linux, iproute2, util-linux, and root or the right to make user namespaces.';

function unshare(command, options) {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return runCommand('unshare', [...asRoot, ...own, ...command], options);
}

/** Throws where this machine does not let us. */
async function tryNamespaces() {
  const probe =
    'mount -t tmpfs tmpfs /run && ip link add br0 type bridge && ip netns add one && nsenter --net=/run/netns/one true';
  const { code, output } = await unshare(['sh', '-c', probe]);
  if (code !== 0)
    throw new CommandError('This machine does not let this user make network namespaces.', { output, advice: needs });
}

try {
  if (process.env[inside] === undefined) {
    await bootstrap();
    stopChildrenOnSignal();
    await tryNamespaces();
    const { code } = await unshare([process.execPath, import.meta.filename], { env: { [inside]: '1' }, inherit: true });
    process.exitCode = code;
  } else {
    // The first process of its namespace: a signal that it does not ask for does not reach it, and all others end with it.
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
    process.setSourceMapsEnabled(true);
    const { main } = await import(new URL('../test/dist/network/main.js', import.meta.url));
    process.exitCode = await main();
  }
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
