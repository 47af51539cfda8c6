// The command lines that people use on any gRPC server: grpcurl (by reflection alone), ghz and grpc-health-probe.
import { readFile } from 'node:fs/promises';
import { goProgram } from '@weft/foreign';
import { type Check, checkOf, requireParts } from './check.ts';
import { type Client, cacheFolder } from './client.ts';
import type { ConformanceMesh } from './conformance-mesh.ts';
import { output } from './run-client.ts';

interface GoCheck {
  readonly rpc: readonly string[];
  readonly check: string;
  readonly seen: (run: Run, mesh: ConformanceMesh) => Promise<void>;
}

/** What the program printed; throws where it ends with another code than 0. */
type Run = (...args: readonly string[]) => Promise<string>;

interface GoClient {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly checks: readonly GoCheck[];
}

const timeoutMs = 60_000;

function goClient({ name, path, version, checks }: GoClient): Client {
  return {
    name,
    async prepare(progress) {
      const { command } = await goProgram({ path, version, cacheFolder, progress });
      return {
        versions: { [name]: version },
        async run(mesh) {
          const run: Run = (...args) => output({ command, args, timeoutMs, cwd: mesh.folder });
          const all: Check[] = [];
          for (const { rpc, check, seen } of checks) all.push(await checkOf(name, rpc, check)(() => seen(run, mesh)));
          return all;
        },
      };
    },
  };
}

const service = 'inference.GRPCInferenceService';
const numbers = Array.from({ length: 16 }, (_, at) => at);
/** Typed contents, as people write them by hand. */
const addAndSubtract = JSON.stringify({
  model_name: 'simple',
  inputs: ['INPUT0', 'INPUT1'].map((name) => ({
    name,
    datatype: 'INT32',
    shape: [1, 16],
    contents: { int_contents: numbers },
  })),
});
const sums = Buffer.from(Int32Array.from(numbers, (value) => 2 * value).buffer).toString('base64');

const grpcurl: GoClient = {
  name: 'grpcurl',
  path: 'github.com/fullstorydev/grpcurl/cmd/grpcurl',
  version: 'v1.9.4',
  checks: [
    {
      rpc: ['Reflection'],
      check: 'lists the services, and the methods of the protocol',
      async seen(run, { grpc }) {
        requireParts(await run('-plaintext', grpc, 'list'), service, 'grpc.health.v1.Health', 'weft.nlp.v1.NlpService');
        requireParts(
          await run('-plaintext', grpc, 'list', service),
          `${service}.ModelInfer`,
          `${service}.ModelStreamInfer`,
        );
      },
    },
    {
      rpc: ['Reflection'],
      check: 'describes a service, a method and messages',
      async seen(run, { grpc }) {
        requireParts(await run('-plaintext', grpc, 'describe', service), 'rpc ModelInfer (');
        const request = await run('-plaintext', grpc, 'describe', 'inference.ModelInferRequest');
        requireParts(
          request,
          'repeated bytes raw_input_contents = 7',
          'map<string, .inference.InferParameter> parameters = 4',
        );
        requireParts(await run('-plaintext', grpc, 'describe', 'inference.ModelConfig'), 'sequence_batching = 13');
      },
    },
    {
      rpc: ['Reflection'],
      check: 'the same of a service that is called directly',
      async seen(run, mesh) {
        requireParts(await run('-plaintext', mesh.service, 'list'), service);
        requireParts(
          await run('-plaintext', mesh.service, 'describe', 'inference.ModelInferRequest'),
          'model_name = 1',
        );
      },
    },
    {
      rpc: [
        'ServerLive',
        'ServerReady',
        'ServerMetadata',
        'ModelReady',
        'ModelMetadata',
        'ModelConfig',
        'ModelStatistics',
        'RepositoryIndex',
      ],
      check: 'calls what answers questions',
      async seen(run, { grpc }) {
        const ask = (method: string, request = '{}') => run('-plaintext', '-d', request, grpc, `${service}/${method}`);
        requireParts(await ask('ServerLive'), '"live": true');
        requireParts(await ask('ServerReady'), '"ready": true');
        requireParts(await ask('ServerMetadata'), '"extensions"');
        requireParts(await ask('ModelReady', '{"name": "simple"}'), '"ready": true');
        requireParts(await ask('ModelMetadata', '{"name": "simple"}'), '"datatype": "INT32"');
        requireParts(await ask('ModelConfig', '{"name": "simple"}'), '"maxBatchSize": 8');
        requireParts(await ask('ModelStatistics', '{"name": "simple"}'), '"inferenceStats"');
        requireParts(await ask('RepositoryIndex'), '"simple"');
      },
    },
    {
      rpc: ['ModelInfer'],
      check: 'infers with typed contents',
      async seen(run, { grpc }) {
        requireParts(await run('-plaintext', '-d', addAndSubtract, grpc, `${service}/ModelInfer`), sums);
      },
    },
    {
      rpc: ['ModelStreamInfer'],
      check: 'infers on a stream',
      async seen(run, { grpc }) {
        const text = await run('-plaintext', '-d', addAndSubtract.repeat(3), grpc, `${service}/ModelStreamInfer`);
        if (text.split(sums).length !== 4) throw new Error(`not three answers: ${text}`);
      },
    },
    {
      rpc: ['Health'],
      check: 'asks for the health of the server, a service and a model',
      async seen(run, { grpc }) {
        for (const name of ['', service, 'simple']) {
          const asked = JSON.stringify({ service: name });
          requireParts(await run('-plaintext', '-d', asked, grpc, 'grpc.health.v1.Health/Check'), '"SERVING"');
        }
      },
    },
    {
      rpc: ['ModelInfer'],
      check: 'prints code and text of an error',
      async seen(run, { grpc }) {
        const request = '{"model_name": "nope"}';
        const error = await run('-plaintext', '-d', request, grpc, `${service}/ModelInfer`).then(
          () => 'answered',
          (thrown: Error) => thrown.message,
        );
        requireParts(error, 'Code: NotFound', "Request for unknown model: 'nope'");
      },
    },
  ],
};

const ghz: GoClient = {
  name: 'ghz',
  path: 'github.com/bojand/ghz/cmd/ghz',
  version: 'v0.93.0',
  checks: ['ModelInfer', 'ModelStreamInfer'].map((method) => ({
    rpc: [method, 'Reflection'],
    check: `400 calls of ${method}, eight at a time, found by reflection: all answered OK`,
    async seen(run, { grpc, folder }) {
      const report = `${folder}/ghz-${method}.json`;
      const load = ['-n', '400', '-c', '8', '--connections', '2', '--timeout', '20s'];
      await run(
        '--insecure',
        '--call',
        `${service}.${method}`,
        '-d',
        addAndSubtract,
        ...load,
        '-O',
        'json',
        '-o',
        report,
        grpc,
      );
      const { count, statusCodeDistribution } = JSON.parse(await readFile(report, 'utf8')) as Record<string, unknown>;
      requireParts(
        JSON.stringify({ count, statusCodeDistribution }),
        '{"count":400,"statusCodeDistribution":{"OK":400}}',
      );
    },
  })),
};

const healthProbe: GoClient = {
  name: 'grpc-health-probe',
  path: 'github.com/grpc-ecosystem/grpc-health-probe',
  version: 'v0.4.61',
  checks: [
    {
      rpc: ['Health'],
      check: 'router and service are SERVING, as a whole, per service and per model',
      async seen(run, mesh) {
        for (const address of [mesh.grpc, mesh.service])
          for (const name of ['', service, 'simple'])
            requireParts(await run('-addr', address, '-service', name), 'status: SERVING');
      },
    },
    {
      rpc: ['Health'],
      check: 'an unknown service is not found, and the probe ends with its code for that',
      async seen(run, { grpc }) {
        const error = await run('-addr', grpc, '-service', 'nope').then(
          () => 'answered',
          (thrown: Error) => thrown.message,
        );
        requireParts(error, 'exit code 3', 'NotFound');
      },
    },
  ],
};

export const goClients: readonly Client[] = [grpcurl, ghz, healthProbe].map(goClient);
