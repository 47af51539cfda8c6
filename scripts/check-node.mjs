// Stops an old Node with a sentence instead of a syntax error.
//
// It is the first and only static import of every command, and keeps to syntax that old versions parse; the rest is
// imported dynamically after it. Not looked up in package.json, because reading that would already need newer APIs.

const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `weft needs Node 20.19 or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a current one from https://nodejs.org or with a version manager (nvm install 22), then run the command again.',
  );
  process.exit(1);
}
