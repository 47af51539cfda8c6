// NuGet and Google's storage as the builds of the GPU images ask them, played on this machine: what they would give is far from here,
// and large. Files of the right names in archives of the right forms, whose content no program can load.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';

export interface PlayedDownloads {
  /** For buildah: where the hosts are, and the authorities that a build trusts, among them the player's. */
  readonly options: readonly string[];
  /** Paths that were asked for and are not there. */
  readonly unknown: readonly string[];
  stop(): void;
}

const nuget = 'api.nuget.org';
const storage = 'storage.googleapis.com';
const address = '127.0.0.9';
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const runtimePackage = 'microsoft.ml.onnxruntime.gpu.linux';
const providers = ['cuda', 'shared', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);
const run = promisify(execFile);

/** Answers at port 443 of an address of the loopback that is its own. */
export async function playDownloads(folder: string): Promise<PlayedDownloads> {
  const { key, authorities } = await certificate(folder);
  const answers = await archives(join(folder, 'downloads'));
  const unknown: string[] = [];
  const server = createServer(key, (request, response) => {
    const path = `${request.headers.host}${request.url}`;
    const found = answers.get(path) ?? versions(path);
    if (found === undefined) unknown.push(path);
    response.writeHead(found === undefined ? 404 : 200, {
      'content-type': typeof found === 'string' ? 'application/json' : 'application/octet-stream',
    });
    response.end(found);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(443, address, resolve);
  });
  const hosts = [nuget, storage].flatMap((host) => ['--add-host', `${host}:${address}`]);
  return {
    options: [...hosts, '--volume', `${authorities}:${certificates}:ro`],
    unknown,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The installed package says which version it wants, and which is so. */
function versions(path: string): string | undefined {
  if (path === `${nuget}/v3/index.json`)
    return JSON.stringify({ resources: [{ '@type': 'PackageBaseAddress/3.0.0', '@id': `https://${nuget}/flat/` }] });
  if (path === `${nuget}/flat/${runtimePackage}/index.json`) return JSON.stringify({ versions: [runtimeVersion] });
  return undefined;
}

const runtimeVersion = '1.30.0';

async function archives(folder: string): Promise<Map<string, Buffer>> {
  const put = async (files: readonly string[]): Promise<void> => {
    for (const file of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), 'stands in for a library\n');
    }
  };
  await put(providers.map((name) => `runtimes/linux-x64/native/${name}`));
  await put(['lib/libtensorflow.so.2.9.1', 'lib/libtensorflow_framework.so.2.9.1', 'napi-v8/tfjs_binding.node']);
  await run('python3', ['-m', 'zipfile', '-c', 'runtime.nupkg', 'runtimes'], { cwd: folder });
  await run('tar', ['-czf', 'libtensorflow.tar.gz', 'lib'], { cwd: folder });
  await run('tar', ['-czf', 'binding.tar.gz', 'napi-v8'], { cwd: folder });
  const file = (name: string): Promise<Buffer> => readFile(join(folder, name));
  const library = `${storage}/tensorflow/libtensorflow/libtensorflow-gpu-linux-x86_64-2.9.1.tar.gz`;
  const binding = `${storage}/tf-builds/pre-built-binary/napi-v8/4.22.0/GPU-linux-4.22.0.tar.gz`;
  const runtime = `${nuget}/flat/${runtimePackage}/${runtimeVersion}/${runtimePackage}.${runtimeVersion}.nupkg`;
  return new Map([
    [runtime, await file('runtime.nupkg')],
    [library, await file('libtensorflow.tar.gz')],
    [binding, await file('binding.tar.gz')],
  ]);
}

/** A build sees this machine's authorities too, as one behind a mirror of npm's registry must. */
async function certificate(folder: string) {
  const extensions = [
    { name: 'basicConstraints' as const, cA: true },
    { name: 'subjectAltName' as const, altNames: [nuget, storage].map((value) => ({ type: 2 as const, value })) },
  ];
  const made = await generate([{ name: 'commonName', value: nuget }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions,
  });
  const authorities = join(folder, 'authorities.crt');
  const known = await readFile(certificates, 'utf8').catch(() => '');
  await writeFile(authorities, `${known}\n${made.cert}`);
  return { key: { key: made.private, cert: made.cert }, authorities };
}
