// Clients that are libraries: a script of ours uses each as its users do, and prints its checks as lines of JSON (test/clients).
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from '@weft/foreign';
import type { Check } from './check.ts';
import { type Client, cacheFolder } from './client.ts';
import type { ConformanceMesh } from './conformance-mesh.ts';
import { runClient } from './run-client.ts';

const clientsFolder = fileURLToPath(new URL('../../clients/', import.meta.url));
const timeoutMs = 300_000;

interface ScriptClient {
  readonly name: string;
  readonly script: string;
  readonly flavour?: string;
  /** To a service itself instead of the router. */
  readonly direct?: boolean;
}

interface PythonClient extends ScriptClient {
  readonly environment: string;
  readonly requirements: readonly string[];
  readonly tell: readonly string[];
}

function pythonClient(client: PythonClient): Client {
  const { name, environment, requirements, tell } = client;
  return {
    name,
    async prepare(progress) {
      const wanted = { name: environment, requirements, tell, cacheFolder, progress };
      const { python, versions } = await pythonEnvironment(wanted);
      return { versions, run: (mesh) => runScript(client, python, mesh) };
    },
  };
}

async function runScript(client: ScriptClient, interpreter: string, mesh: ConformanceMesh): Promise<Check[]> {
  const { name, script, flavour = '', direct = false } = client;
  const { grpc, http, service, modelFile } = mesh;
  const named = { flavour, grpc, http, service, 'model-file': modelFile };
  const options = Object.entries(named).flatMap(([key, value]) => [`--${key}`, value]);
  const args = [`${clientsFolder}${script}`, ...options, ...(direct ? ['--direct'] : [])];
  const { code, stdout, stderr } = await runClient({ command: interpreter, args, timeoutMs, cwd: mesh.folder });
  const checks = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Check);
  if (code === 0) return checks;
  const detail = `exit code ${code}: ${stderr.trim().slice(-1200)}`;
  return [...checks, { client: name, rpc: [], check: 'the script comes to its end', ok: false, detail }];
}

const triton = {
  script: 'tritonclient_checks.py',
  environment: 'tritonclient',
  requirements: ['tritonclient[grpc,http]==2.73.0'],
  tell: ['tritonclient', 'grpcio', 'numpy'],
};

export const scriptClients: readonly Client[] = [
  ...['grpc', 'grpc.aio', 'http', 'http.aio'].map((flavour) =>
    pythonClient({ ...triton, name: `tritonclient.${flavour}`, flavour }),
  ),
  pythonClient({ ...triton, name: 'tritonclient.grpc, to a service', flavour: 'grpc', direct: true }),
  pythonClient({
    name: 'kserve',
    script: 'kserve_checks.py',
    environment: 'kserve',
    requirements: ['kserve==0.21.0'],
    tell: ['kserve', 'grpcio', 'httpx'],
  }),
  pythonClient({
    name: 'openai',
    script: 'openai_checks.py',
    environment: 'openai',
    requirements: ['openai==3.54.0'],
    tell: ['openai'],
  }),
  nodeClient(),
];

/** What this tree has anyway. */
function nodeClient(): Client {
  const client = { name: '@grpc/grpc-js', script: 'grpc-js-checks.mjs' };
  const version = (name: string): string =>
    (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  return {
    name: client.name,
    prepare: async () => ({
      versions: { '@grpc/grpc-js': version('@grpc/grpc-js'), '@grpc/proto-loader': version('@grpc/proto-loader') },
      run: (mesh) => runScript(client, process.execPath, mesh),
    }),
  };
}
