// Provides what the Python client test needs: Debian's gRPC for /usr/bin/python3 and protoc with its Python plug-in.
//
// Only there is apt-get used, and only for this test: everything else needs Node and npm alone. Where the packages cannot
// be installed the run goes on, loudly, and the test itself reports that it could not be done.

import { existsSync } from 'node:fs';
import { runCommand } from './run-command.mjs';

const python = '/usr/bin/python3';
// libprotobuf-dev has the well-known .proto files (descriptor.proto), which our options import.
const packages = [
  'python3-grpcio',
  'python3-protobuf',
  'protobuf-compiler',
  'protobuf-compiler-grpc',
  'libprotobuf-dev',
];
const needed = ['/usr/bin/protoc', '/usr/bin/grpc_python_plugin', '/usr/include/google/protobuf/descriptor.proto'];

async function arePresent() {
  if (![python, ...needed].every((file) => existsSync(file))) return false;
  return (await runCommand(python, ['-c', 'import grpc, google.protobuf'])).code === 0;
}

async function chooseElevation() {
  if (process.getuid?.() === 0) return [];
  const sudo = existsSync('/usr/bin/sudo') ? await runCommand('/usr/bin/sudo', ['-n', 'true']) : { code: 1 };
  return sudo.code === 0 ? ['/usr/bin/sudo', '-n'] : undefined;
}

/** Resolves with a line for the log. Never rejects: the test that needs the packages speaks for itself. */
export async function providePythonPackages() {
  if (await arePresent()) return 'present';
  const missing = (why) => `MISSING (${why}): the Python client test will fail. Install: ${packages.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) return missing('no apt-get here');
  const elevation = await chooseElevation();
  if (!elevation) return missing('not root, and sudo asks for a password');
  const apt = async (...args) => {
    const [command, ...rest] = [...elevation, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return await runCommand(command, rest);
  };
  await apt('update');
  const { output } = await apt('install', '-y', '--no-install-recommends', ...packages);
  if (await arePresent()) return 'installed';
  return `${missing('apt-get failed')}\n${output.trimEnd()}`;
}
