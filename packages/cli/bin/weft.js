#!/usr/bin/env node
// The command `weft`. Everything is in the compiled src/; this file only finds it, and says so when it is not there yet.
import { existsSync } from 'node:fs';

const entry = new URL('../dist/main.js', import.meta.url);
if (existsSync(entry)) {
  process.setSourceMapsEnabled(true);
  const { main } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2));
  // The command is over: nothing that a part of it has left behind may keep the process.
  setTimeout(() => process.exit(), 3000).unref();
} else {
  process.stderr.write('weft: not built yet: run `npm start`, or `npm install && npm run build`\n');
  process.exitCode = 1;
}
