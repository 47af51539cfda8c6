// The admin service over real gRPC, on an engine whose replicas report what the test says and a log in memory.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Client, type ClientDuplexStream, type ServiceError, credentials, Metadata, status } from '@grpc/grpc-js';
import { systemClock } from '@weft/flow';
import { readModelEvent } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { createGate, createServerCredentials, RpcServer, rpcMethod } from '@weft/rpc';
import type { AppliedEvent } from '@weft/rpc/messages/weft/executor/v1/AppliedEvent';
import type { Manifest } from '@weft/rpc/messages/weft/router/v1/Manifest';
import type { PushResponse__Output } from '@weft/rpc/messages/weft/router/v1/PushResponse';
import type { WatchModelsResponse__Output } from '@weft/rpc/messages/weft/router/v1/WatchModelsResponse';
import { createLog } from '@weft/telemetry';
import { DispatchEngine } from '../engine/engine.ts';
import { DesiredModels } from '../rollout/desired-models.ts';
import { ModelWriter } from '../rollout/model-writer.ts';
import { eventOf } from '../testing/desired.ts';
import { FakeReplica } from '../testing/fake-replica.ts';
import { silentObserver } from '../testing/start-engine.ts';
import { replicaState, version } from '../testing/states.ts';
import { Changes } from './changes.ts';
import { MeshAdmin } from './mesh-admin.ts';
import { registerAdmin } from './register-admin.ts';
import { registerAnswers } from '../open-inference/register-answers.ts';
import { repositoryAnswers } from '../open-inference/repository-calls.ts';

async function startAdmin(t: TestContext, { loopback = true, keepVersions = 10 } = {}) {
  const eventLog = new MemoryEventLog();
  const log = createLog({ level: 'silent', fields: {}, destination: { write: () => {} } });
  const changes = new Changes();
  const limits = { maxQueueSize: 10, maxQueueBytes: 1000, maxBatchBytes: 1000 };
  const observer = { ...silentObserver, onInventory: () => changes.notify() };
  const engine = new DispatchEngine({ clock: systemClock, ...limits, observer });
  const desired = new DesiredModels({ eventLog, log, onChange: (models) => engine.desire(models) });
  const wallClock = (): number => 1000;
  const writer = new ModelWriter({ eventLog, desired, wallClock });
  const { artifacts } = eventLog;
  const clock = systemClock;
  const admin = new MeshAdmin({ engine, artifacts, desired, writer, changes, clock, wallClock, keepVersions });
  const server = new RpcServer({
    gate: createGate({ boundToLoopback: loopback }),
    credentials: createServerCredentials({}).credentials,
    maxMessageBytes: 10_000_000,
    log,
  });
  const stopping = new AbortController();
  registerAdmin(server, admin, stopping.signal);
  registerAnswers(server, repositoryAnswers(admin));
  desired.start();
  const port = await server.listen('127.0.0.1', 0);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.after(async () => {
    client.close();
    stopping.abort();
    await server.stop(500);
    engine.stop();
  });
  const bytes = (message: Buffer): Buffer => message;
  const unary = (path: string, request: object, timeoutMs = 5000): Promise<unknown> => {
    const method = rpcMethod(path);
    return new Promise((resolve) => {
      const settle = (error: ServiceError | null, response?: Buffer): void =>
        resolve(error === null ? method.decodeResponse(response as Buffer) : `${status[error.code]} ${error.details}`);
      const options = { deadline: Date.now() + timeoutMs };
      client.makeUnaryRequest(path, bytes, bytes, method.encodeRequest(request), new Metadata(), options, settle);
    });
  };
  const replica = new FakeReplica();
  /** What a replica says of itself: versions that it has READY, and what it has made of events. */
  const report = (name: string, versions: readonly string[], applied: AppliedEvent[] = []): void => {
    const models = versions.map((number) => version('m', number));
    engine.updateReplica(name, replicaState(models, { replicaId: `id-${name}`, applied }), replica.open);
  };
  /** Each replica does what an event says as soon as it is appended; `problem` is what fails. */
  const obey = (names: readonly string[], versions: readonly string[], problem = ''): void => {
    for (const name of names) report(name, versions);
    eventLog.follow({
      onEvent: ({ model, revision }) => {
        for (const name of names)
          queueMicrotask(() => report(name, versions, [{ model, revision, settled: true, problem }]));
      },
      onCaughtUp: () => {},
      onProblem: () => {},
    });
  };
  return { eventLog, engine, desired, client, unary, report, obey, admin };
}

type Started = Awaited<ReturnType<typeof startAdmin>>;

const admin = (method: string): string => `/weft.router.v1.Admin/${method}`;
const inference = (method: string): string => `/inference.GRPCInferenceService/${method}`;

function fileOf(content: Buffer, path = 'model.onnx') {
  return { path, sha256: createHash('sha256').update(content).digest('hex'), size: content.length };
}

/** Pushes these files in pieces; tells everything that the router answered, and how it ended. */
async function push({ client }: Started, manifest: Manifest, contents: readonly Buffer[] = []) {
  const pieceBytes = 1000;
  const method = rpcMethod(admin('Push'));
  const stream: ClientDuplexStream<object, PushResponse__Output> = client.makeBidiStreamRequest(
    admin('Push'),
    (request: object) => method.encodeRequest(request),
    (response: Buffer) => method.decodeResponse(response) as PushResponse__Output,
  );
  const messages: PushResponse__Output[] = [];
  stream.on('data', (message: PushResponse__Output) => {
    messages.push(message);
    if (message.kind !== 'wanted') return;
    for (const index of message.wanted?.files ?? []) {
      const content = contents[index] as Buffer;
      for (let at = 0; at < content.length; at += pieceBytes)
        stream.write({ piece: content.subarray(at, at + pieceBytes) });
    }
    stream.end();
  });
  const over = new Promise<string>((resolve) => {
    stream.once('error', (error: ServiceError) => resolve(`${status[error.code]} ${error.details}`));
    stream.once('end', () => resolve('OK'));
  });
  stream.write({ manifest });
  const ended = await over;
  const published = messages.find(({ kind }) => kind === 'published')?.published;
  return { messages, ended, published, kinds: [...new Set(messages.map(({ kind }) => kind))] };
}

test('a push stores what the depot has not got, appends one event, and ends when every replica has done it', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a', 'b'], ['1', '2']);
  const contents = [randomBytes(50_000), randomBytes(10), Buffer.alloc(0)];
  const files = contents.map((content, at) => fileOf(content, `part-${at}`));
  const config = { name: 'm', maxBatchSize: 8, parameters: { 'weft.slo_ms': { stringValue: '50' } } };
  const pushed = await push(mesh, { name: 'm', config, files, canaryShare: 0.1 }, contents);
  assert.equal(pushed.ended, 'OK');
  assert.deepEqual(pushed.kinds, ['wanted', 'storedBytes', 'published', 'outcome']);
  assert.equal(pushed.published?.version, '3', 'one more than those of the inventory');
  const stored = pushed.messages.filter(({ kind }) => kind === 'storedBytes').at(-1);
  assert.equal(stored?.storedBytes, 50_010);
  const outcome = pushed.messages.at(-1)?.outcome;
  assert.deepEqual([outcome?.settled, outcome?.replicas.map(({ endpoint }) => endpoint)], [true, ['a', 'b']]);
  const event = mesh.desired.last('m')?.event;
  assert.deepEqual(event?.model.rollout, { stable: '2', canary: '3', canaryShare: 0.1, shadow: '', shadowShare: 0 });
  assert.deepEqual([event?.reason, event?.author, event?.atMs], ['pushed version 3', 'anonymous', 1000]);
  assert.equal(event?.model.versions[0]?.config?.parameters['weft.slo_ms']?.stringValue, '50');
  for (const file of files) assert.ok(await mesh.eventLog.artifacts.has(file));

  const again = await push(mesh, { name: 'm', version: '3', config, files, canaryShare: 0.1 }, contents);
  assert.deepEqual([again.ended, again.published?.revision], ['OK', pushed.published?.revision]);
  assert.deepEqual(again.messages[0]?.wanted?.files, [], 'the depot has them');
  const other = await push(mesh, { name: 'm', version: '3', config, files: files.slice(1) }, contents);
  assert.match(other.ended, /^ALREADY_EXISTS version 3 of model 'm' is there with other content/);
});

test('a push that makes no sense is refused before its files travel, and nothing is in the log', async (t) => {
  const mesh = await startAdmin(t);
  mesh.report('a', ['1']);
  const file = fileOf(Buffer.from('x'));
  const refused: readonly (readonly [Manifest, RegExp])[] = [
    [{ name: '../m', files: [file] }, /^INVALID_ARGUMENT model name must not contain/],
    [{ name: 'm', files: [] }, /^INVALID_ARGUMENT the manifest names no files/],
    [{ name: 'm', files: [{ ...file, path: '../x' }] }, /^INVALID_ARGUMENT '..\/x' is no path/],
    [{ name: 'm', files: [{ ...file, sha256: 'x' }] }, /^INVALID_ARGUMENT 'x' is no sha-256 digest/],
    [
      {
        name: 'm',
        files: [
          { ...file, path: 'a/b/c' },
          { ...file, path: 'a/b' },
        ],
      },
      /^INVALID_ARGUMENT the manifest names 'a\/b' as a file and as a folder/,
    ],
    [{ name: 'm', files: [file], version: '01' }, /^INVALID_ARGUMENT '01' is no version/],
    [{ name: 'm', files: [file], canaryShare: 1 }, /^INVALID_ARGUMENT the share of a canary is below 1/],
    [{ name: 'm', files: [file], service: 'nlp' }, /^FAILED_PRECONDITION model 'm' is served by custom, not by nlp/],
    [{ name: 'new', files: [file], canaryShare: 0.1 }, /^FAILED_PRECONDITION model 'new' has no version beside 1/],
  ];
  for (const [manifest, expected] of refused) {
    const { ended, messages } = await push(mesh, manifest);
    assert.match(ended, expected);
    assert.deepEqual(messages, []);
  }
  assert.equal(mesh.desired.models.size, 0);
});

test('a file that is not what the manifest says, or not whole, leaves nothing', async (t) => {
  const mesh = await startAdmin(t);
  const content = randomBytes(5000);
  const wrong = await push(mesh, { name: 'm', files: [fileOf(randomBytes(5000))] }, [content]);
  assert.match(wrong.ended, /^DATA_LOSS /);
  const short = await push(mesh, { name: 'm', files: [fileOf(content)] }, [content.subarray(1)]);
  assert.match(short.ended, /^INVALID_ARGUMENT the push ended 1 bytes before 'model.onnx' was whole/);
  const long = await push(mesh, { name: 'm', files: [fileOf(content.subarray(500))] }, [content]);
  assert.match(long.ended, /^INVALID_ARGUMENT a piece is larger than what is left/);
  assert.equal(await mesh.eventLog.artifacts.has(fileOf(content)), false);
  assert.equal(mesh.desired.models.size, 0);
  const right = await push(mesh, { name: 'm', files: [fileOf(content)] }, [content]);
  assert.deepEqual([right.ended, right.published?.version], ['OK', '1']);
  assert.deepEqual(right.messages.at(-1)?.outcome?.replicas, [], 'nobody is connected, and it says so at once');
});

test('a rollout is promoted, rolled back and refused by what is known of the model', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a'], ['1', '2', '3']);
  const rollout = async (change: object): Promise<unknown> => {
    const answer = await mesh.unary(admin('SetRollout'), { name: 'm', ...change });
    if (typeof answer === 'string') return answer;
    const { stable, canary, canaryShare } = mesh.desired.models.get('m')?.rollout ?? {};
    return [stable, canary, canaryShare];
  };
  assert.match(String(await rollout({ promote: {} })), /^FAILED_PRECONDITION model 'm' has no canary/);
  assert.match(String(await rollout({ canary: { share: 1 } })), /^INVALID_ARGUMENT the share of a canary/);
  assert.match(
    String(await rollout({ canary: { version: '9', share: 0.1 } })),
    /^NOT_FOUND model 'm' has no version 9/,
  );
  assert.match(
    String(await rollout({ canary: { share: 0.2 } })),
    /^FAILED_PRECONDITION .* no version beside version 3/,
  );
  assert.deepEqual(await rollout({ promote: { version: '1' } }), ['1', '', 0]);
  assert.deepEqual(await rollout({ canary: { share: 0.2 } }), ['1', '3', 0.2]);
  assert.deepEqual(await rollout({ rollBack: { reason: 'too slow' } }), ['1', '', 0]);
  assert.equal(mesh.desired.models.get('m')?.withdrawals[0]?.reason, 'too slow');
  assert.deepEqual(await rollout({ canary: { share: 0.3 } }), ['1', '2', 0.3], 'not the withdrawn one');
  assert.deepEqual(await rollout({ promote: {} }), ['2', '', 0]);
  assert.deepEqual(await rollout({ rollBack: {} }), ['1', '', 0]);
  assert.match(String(await rollout({ rollBack: {} })), /^FAILED_PRECONDITION version 1 is the only one/);
  assert.match(String(await mesh.unary(admin('SetRollout'), { name: 'x', promote: { version: '1' } })), /^NOT_FOUND/);
});

test('a model that is pushed for ever keeps its last versions, and the one that serves', async (t) => {
  const mesh = await startAdmin(t, { keepVersions: 3 });
  mesh.obey(['a'], []);
  const versions = () => mesh.desired.models.get('m')?.versions.map(({ version: number }) => number);
  const publish = async (manifest: Manifest = {}) => {
    const content = randomBytes(100);
    return (await push(mesh, { name: 'm', files: [fileOf(content)], ...manifest }, [content])).ended;
  };
  assert.equal(await publish(), 'OK');
  assert.equal(await publish({ shadowShare: 1 }), 'OK');
  assert.equal(await publish({ canaryShare: 0.1 }), 'OK');
  assert.deepEqual(versions(), ['1', '2', '3']);
  assert.equal(await publish({ canaryShare: 0.1 }), 'OK');
  assert.deepEqual(versions(), ['1', '2', '4']);
  await mesh.unary(admin('SetRollout'), { name: 'm', promote: {} });
  for (let at = 0; at < 3; at += 1) assert.equal(await publish(), 'OK');
  assert.deepEqual(versions(), ['2', '6', '7'], 'the shadow, what served until now, and the new one');
});

test('two writers at once lose nothing, and garbage in the log is written over', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a'], ['1']);
  const contents = Array.from({ length: 5 }, () => randomBytes(100));
  const pushes = contents.map((content) => push(mesh, { name: 'm', files: [fileOf(content)] }, [content]));
  const ended = await Promise.all(pushes);
  assert.deepEqual(
    ended.map(({ ended: how }) => how),
    ['OK', 'OK', 'OK', 'OK', 'OK'],
  );
  assert.deepEqual(new Set(ended.map(({ published }) => published?.version)), new Set(['2', '3', '4', '5', '6']));
  const after = mesh.desired.revisionOf('m');
  await mesh.eventLog.append({ model: 'm', bytes: Buffer.from('garbage'), after });
  const answer = await mesh.unary(admin('LoadModel'), { name: 'm' });
  assert.equal(typeof answer, 'object');
  assert.equal(mesh.desired.models.get('m')?.versions.length, 5);
});

test('a conflict with another router is read again', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a'], ['1', '2']);
  await mesh.eventLog.append({ model: 'm', bytes: eventOf({ rollout: { stable: '2' } }), after: 0 });
  // This router has not heard of the last event yet.
  const behind = mesh.eventLog.append.bind(mesh.eventLog);
  let raced = false;
  mesh.eventLog.append = async (event) => {
    if (raced) return behind(event);
    raced = true;
    await behind({ ...event, bytes: eventOf({ rollout: { stable: '1' }, loadGeneration: 7 }) });
    return behind(event);
  };
  await mesh.unary(admin('LoadModel'), { name: 'm' });
  const model = mesh.desired.models.get('m');
  assert.deepEqual([model?.rollout?.stable, model?.loadGeneration], ['1', 8]);
});

test('load and unload answer with what failed where, and wait no longer than the deadline', async (t) => {
  const mesh = await startAdmin(t);
  assert.match(String(await mesh.unary(admin('LoadModel'), { name: 'm' })), /^NOT_FOUND/);
  mesh.report('b', ['1']);
  const late = await mesh.unary(admin('UnloadModel'), { name: 'm' }, 700);
  const { outcome } = late as { outcome: { settled: boolean; replicas: { endpoint: string; settled: boolean }[] } };
  assert.deepEqual([outcome.settled, outcome.replicas.map(({ settled }) => settled)], [false, [false]]);
  assert.equal(mesh.desired.models.get('m')?.unloaded, true);
  mesh.obey(['a'], ['1'], 'version 1: the disk is full');
  mesh.engine.forgetReplica('b');
  const failed = await mesh.unary(inference('RepositoryModelLoad'), { modelName: 'm' });
  assert.equal(failed, "FAILED_PRECONDITION failed to load 'm': a: version 1: the disk is full");
});

test('RepositoryModelLoad and Unload reach every replica, in both dialects', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a', 'b'], ['1']);
  const load = (request: object): Promise<unknown> => mesh.unary(inference('RepositoryModelLoad'), request);
  assert.deepEqual(await load({ modelName: 'm' }), { modelName: 'm', isLoaded: true });
  assert.deepEqual(await load({ repositoryName: 'm' }), { modelName: 'm', isLoaded: true });
  const config = { parameterChoice: 'stringParam', stringParam: '{"max_batch_size": 16}' };
  assert.deepEqual(await load({ modelName: 'm', parameters: { config } }), { modelName: 'm', isLoaded: true });
  const model = mesh.desired.models.get('m');
  assert.deepEqual([model?.loadGeneration, model?.configOverride?.maxBatchSize], [3, 16]);
  const unloaded = await mesh.unary(inference('RepositoryModelUnload'), {
    modelName: 'm',
    parameters: { unload_dependents: { boolParam: true } },
  });
  assert.deepEqual(unloaded, { modelName: 'm', isUnloaded: true });
  assert.equal(mesh.desired.models.get('m')?.unloaded, true);
  assert.equal(
    await load({ modelName: 'm', repositoryName: 'r' }),
    "UNIMPLEMENTED there is one repository: 'repository_name' must be empty",
  );
  assert.match(
    String(await load({ modelName: 'm', parameters: { config: { stringParam: '[' } } })),
    /^INVALID_ARGUMENT/,
  );
  assert.match(String(await load({})), /^INVALID_ARGUMENT Model name cannot be empty/);
});

test('a load with files stores them and appends one event, and takes the place of the version with its number', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a'], ['1', '2']);
  const load = (content: string, more: object = {}, name = 'm'): Promise<unknown> => {
    const config = { stringParam: '{"max_batch_size": 8}' };
    const parameters = { config, 'file:1/model.onnx': { bytesParam: Buffer.from(content) }, ...more };
    return mesh.unary(inference('RepositoryModelLoad'), { modelName: name, parameters });
  };
  assert.deepEqual(await load('first'), { modelName: 'm', isLoaded: true });
  const labels = { 'file:1/labels/a.txt': { bytesParam: Buffer.from('a') } };
  assert.deepEqual(await load('second', labels), { modelName: 'm', isLoaded: true });
  const model = mesh.desired.models.get('m');
  const files = [fileOf(Buffer.from('second')), fileOf(Buffer.from('a'), 'labels/a.txt')];
  assert.deepEqual(
    model?.versions.map(({ version: number, config, files: stored }) => [number, config?.maxBatchSize, stored]),
    [['1', 8, files.map((file) => ({ ...file, source: '' }))]],
  );
  // Version 2, which lies in a repository, would serve otherwise.
  assert.equal(model?.rollout?.stable, '1');
  for (const file of files) assert.equal(await mesh.eventLog.artifacts.has(file), true);
  const { revision } = mesh.desired.last('m') ?? {};
  assert.deepEqual(await load('second', labels), { modelName: 'm', isLoaded: true });
  assert.deepEqual(
    [mesh.desired.last('m')?.revision, mesh.desired.models.get('m')?.versions.length],
    [(revision ?? 0) + 1, 1],
  );
});

test('a load whose files make no sense, or whose name leaves its folder, is refused, and changes nothing', async (t) => {
  const mesh = await startAdmin(t);
  mesh.obey(['a'], ['1']);
  const config = { stringParam: '{}' };
  const bytes = { bytesParam: Buffer.from('x') };
  const load = (parameters: object, modelName = 'm'): Promise<unknown> =>
    mesh.unary(inference('RepositoryModelLoad'), { modelName, parameters });
  for (const [parameters, text] of [
    [{ 'file:1/model.onnx': bytes }, "the parameter 'config' must be given with the files of a model"],
    [{ config, 'file:model.onnx': bytes }, "'file:model.onnx' is no file: expected file:<version>/<name>"],
    [{ config, 'file:0/x': bytes }, "'file:0/x' is no file: '0' is no version, a whole number above zero"],
    [{ config, 'file:../x': bytes }, "'file:../x' is no file: '..' is no version, a whole number above zero"],
    [{ config, 'file:1/../../x': bytes }, "'../../x' is no path below a version's folder"],
    [{ config, 'file:1//etc/passwd': bytes }, "'/etc/passwd' is no path below a version's folder"],
    [{ config, 'file:1/a\\b': bytes }, "'a\\b' is no path below a version's folder"],
    [{ config, 'file:1/x': { stringParam: 'x' } }, "the parameter 'file:1/x' must be bytes"],
    [{ config, 'file:1/a': bytes, 'file:1/a/b': bytes }, "the manifest names 'a' as a file and as a folder"],
    [{ config: { stringParam: '{"name": "n"}' }, 'file:1/x': bytes }, "the configuration names the model 'n', not 'm'"],
    [{ other: bytes }, "unknown parameter 'other': expected config, file:<version>/<name>"],
  ] as const)
    assert.equal(await load(parameters), `INVALID_ARGUMENT ${text}`);
  const text = 'model name must not contain path traversal characters';
  for (const name of ['../etc', 'a/../b', '..', '/etc/passwd', 'model/sub', 'model/', ' ..', '.. ', 'a\\b'])
    for (const method of ['RepositoryModelLoad', 'RepositoryModelUnload'])
      assert.equal(
        await mesh.unary(inference(method), { modelName: name, parameters: {} }),
        `INVALID_ARGUMENT ${text}: '${name}'`,
      );
  // These leave nothing: they are only unknown.
  for (const name of ['...', '..my_model', 'model..1'])
    assert.equal(await load({}, name), `NOT_FOUND failed to load '${name}', failed to poll from model repository`);
  assert.equal(mesh.desired.models.size, 0);
});

test('watching tells the present state, and then each change', async (t) => {
  const mesh = await startAdmin(t);
  mesh.report('a', ['1', '2']);
  const method = rpcMethod(admin('WatchModels'));
  const stream = mesh.client.makeServerStreamRequest(
    admin('WatchModels'),
    (request: object) => method.encodeRequest(request),
    (response: Buffer) => method.decodeResponse(response) as WatchModelsResponse__Output,
    {},
  );
  stream.on('error', () => {});
  const next = async (): Promise<WatchModelsResponse__Output> => (await once(stream, 'data'))[0];
  const [first] = (await next()).models;
  assert.deepEqual(
    first?.versions.map(({ version: number, share }) => [number, share]),
    [
      ['2', 1],
      ['1', 0],
    ],
  );
  assert.deepEqual([first?.event, first?.versions[0]?.replicas[0]?.endpoint], [null, 'a']);
  const rollout = { stable: '1', canary: '2', canaryShare: 0.25 };
  const bytes = eventOf({ rollout, withdrawals: [{ version: '3', reason: 'it fails' }] });
  await mesh.eventLog.append({ model: 'm', bytes, after: 0 });
  const [second] = (await next()).models;
  const told = second?.versions.map(({ version: number, share, withdrawn }) => [number, share, withdrawn]);
  assert.deepEqual(told, [
    ['3', 0, 'it fails'],
    ['2', 0.25, ''],
    ['1', 0.75, ''],
  ]);
  assert.deepEqual(second?.event?.model?.rollout, readModelEvent(bytes)?.model.rollout);
  mesh.eventLog.cutOff('the log is on fire');
  assert.equal((await next()).eventLogProblem, 'the log is on fire');
  stream.cancel();
});

test('on a public address without credentials every administrative call is refused', async (t) => {
  const mesh = await startAdmin(t, { loopback: false });
  mesh.report('a', ['1']);
  for (const path of [admin('LoadModel'), admin('UnloadModel'), admin('SetRollout'), inference('RepositoryModelLoad')])
    assert.match(String(await mesh.unary(path, {})), /^PERMISSION_DENIED admin calls need credentials/);
  assert.match((await push(mesh, { name: 'm' })).ended, /^PERMISSION_DENIED admin calls need credentials/);
});
