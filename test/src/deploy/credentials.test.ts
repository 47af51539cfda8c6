// deploy/make-credentials.mjs: what it makes is what pods mount, and fits together.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openTokenFile } from '@weft/rpc';
import { temporaryFolder } from '../testing/author-models.ts';
import { workloads } from './kubernetes-object.ts';
import { buildJob, buildOverlay, findKustomize, jobs, manifestFolder, parseObjects } from './overlays.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = temporaryFolder();
const out = join(folder.path, 'credentials');
const make = () => run(process.execPath, [join(root, 'deploy/make-credentials.mjs'), '--out', out]);
const read = (name: string) => readFileSync(join(out, name), 'utf8');
const certificate = (name: string) => new X509Certificate(read(name));

before(make);
after(() => folder.remove());

const kustomize = await findKustomize();

test('the Secrets have every key that a pod mounts', {
  skip: kustomize === undefined && 'SKIPPED: no kubectl',
}, async () => {
  assert.ok(kustomize !== undefined);
  const secrets = new Map(
    parseObjects(read('secrets.yaml')).map(({ metadata, stringData = {} }) => [metadata.name, Object.keys(stringData)]),
  );
  const objects = await buildOverlay(kustomize, 'production');
  for (const job of jobs) objects.push(...(await buildJob(kustomize, job)));
  const mounted = workloads(objects).flatMap(({ pod }) =>
    (pod.volumes ?? []).flatMap(({ projected }) => projected?.sources.flatMap(({ secret }) => secret ?? []) ?? []),
  );
  assert.ok(mounted.length > 5);
  const variables = workloads(objects).flatMap(({ pod }) =>
    pod.containers.flatMap(({ env = [] }) => env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])),
  );
  assert.ok(variables.length > 0);
  const keys = [...mounted.flatMap(({ name, items }) => items.map(({ key }) => ({ name, key }))), ...variables];
  for (const { name, key } of keys) assert.ok(secrets.get(name)?.includes(key), `${name} has ${key}`);
  const whole = workloads(objects).flatMap(({ pod }) => [
    ...(pod.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
    ...pod.containers.flatMap(({ envFrom = [] }) => envFrom.flatMap(({ secretRef }) => secretRef?.name ?? [])),
  ]);
  assert.deepEqual(
    whole.filter((name) => !secrets.has(name)),
    [],
  );
});

test('certificates are of the mesh’s authority and carry the names that are dialled', () => {
  const authority = certificate('ca.crt');
  const names = {
    router: ['router', 'routers.weft.svc', 'localhost'],
    service: ['nlp', 'vision', 'generator', 'custom'],
    nats: ['nats', 'nats-0.nats', 'nats-2.nats'],
  };
  for (const [holder, hosts] of Object.entries(names)) {
    const own = certificate(`${holder}/tls.crt`);
    assert.ok(own.verify(authority.publicKey), holder);
    for (const host of hosts) assert.notEqual(own.checkHost(host), undefined, `${holder} is ${host}`);
  }
});

test('each token opens what it is for, and nothing in clear stands in the token files', () => {
  const onError = assert.ifError;
  const router = openTokenFile(join(out, 'router/tokens.json'), { onError });
  const service = openTokenFile(join(out, 'service/tokens.json'), { onError });
  const roles = (store: typeof router, name: string) => store.findToken(read(name).trim())?.roles;
  assert.deepEqual(roles(router, 'admin.token'), ['infer', 'admin']);
  assert.deepEqual(roles(router, 'client.token'), ['infer']);
  assert.deepEqual(roles(service, 'router/executor.token'), ['executor']);
  assert.equal(roles(service, 'admin.token'), undefined);
  assert.equal(roles(router, 'router/executor.token'), undefined);
});

test('made again, tokens, keys and authority stay and certificates are new', async () => {
  const kept = ['ca.crt', 'admin.token', 'client.token', 'router/executor.token', 'router/nats.nkey', 'nats/keys.env'];
  const before = kept.map(read);
  const serial = certificate('router/tls.crt').serialNumber;
  await make();
  assert.deepEqual(kept.map(read), before);
  assert.notEqual(certificate('router/tls.crt').serialNumber, serial);
});

test('NATS lets routers and services do what docs/nats.md says', () => {
  const permissions = (text: string) => [...text.matchAll(/permissions \{[^]*?\n {8}\}/g)].map(([block]) => block);
  const documented = permissions(readFileSync(join(root, 'docs/nats.md'), 'utf8'));
  assert.equal(documented.length, 2);
  assert.deepEqual(permissions(readFileSync(join(manifestFolder, 'base/nats/accounts.conf'), 'utf8')), documented);
});

const natsServer = [join(root, '.cache/nats-server/usr/sbin/nats-server'), '/usr/sbin/nats-server'].find((path) =>
  existsSync(path),
);

for (const [place, cluster] of [
  ['three servers', 'base/nats/cluster.conf'],
  ['one server', 'overlays/cpu/cluster.conf'],
] as const) {
  test(`NATS takes the configuration of ${place}`, {
    skip: natsServer === undefined && 'SKIPPED: no nats-server',
  }, async () => {
    const config = join(folder.path, place.replace(' ', '-'));
    mkdirSync(config);
    copyFileSync(join(manifestFolder, 'base/nats/accounts.conf'), join(config, 'accounts.conf'));
    for (const [name, from] of [
      ['nats.conf', 'base/nats/nats.conf'],
      ['cluster.conf', cluster],
    ] as const) {
      const text = readFileSync(join(manifestFolder, from), 'utf8').replaceAll('/etc/nats-tls', join(out, 'nats'));
      writeFileSync(join(config, name), text);
    }
    const keys = Object.fromEntries(
      read('nats/keys.env')
        .trim()
        .split('\n')
        .map((line) => line.split('=')),
    );
    const env = { ...keys, POD_NAME: 'nats-0' };
    await run(String(natsServer), ['-t', '-c', join(config, 'nats.conf')], { env });
  });
}
