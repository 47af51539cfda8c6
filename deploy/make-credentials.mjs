// Makes what the processes of a mesh show each other and ask of their clients: an authority of the mesh's own, certificates, tokens
// and keys. `node deploy/make-credentials.mjs` writes the folder `credentials`, for compose.yaml, and in it secrets.yaml, the
// same for Kubernetes.
//
// Run again it keeps authority, tokens and keys, and issues new certificates. Certificates from elsewhere may take
// their place: a Secret of the type kubernetes.io/tls by the same name, with ca.crt in it.

import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createUser, fromSeed } from 'nkeys.js';
import { generate } from 'selfsigned';
import { stringify } from 'yaml';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'credentials' },
    namespace: { type: 'string', default: 'weft' },
    host: { type: 'string', multiple: true, default: [] },
    days: { type: 'string', default: '365' },
  },
});
const { out, namespace, host: hosts } = values;
const days = Number(values.days);
if (!Number.isInteger(days) || days < 1) throw new Error('--days must be a whole number');

/** Nobody else on this machine gets into the folder; what is mounted into containers out of it is read by their users. */
mkdirSync(out, { recursive: true, mode: 0o700 });
chmodSync(out, 0o700);

function write(name, text) {
  const file = join(out, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return text;
}

function kept(name, make) {
  const file = join(out, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : write(name, make());
}

const token = (name) => kept(name, () => randomBytes(32).toString('hex'));
const hashed = (name, roles, text) => ({ name, sha256: createHash('sha256').update(text).digest('hex'), roles });
const inDays = (count) => new Date(Date.now() + count * 86_400_000);
const isAddress = (name) => /^[\d.]+$|:/.test(name);
const issue = (commonName, extensions, more) =>
  generate([{ name: 'commonName', value: commonName }], { keyType: 'ec', algorithm: 'sha256', extensions, ...more });

async function authority() {
  if (!existsSync(join(out, 'ca.key'))) {
    const extensions = [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ];
    const made = await issue('weft mesh', extensions, { notAfterDate: inDays(3650) });
    write('ca.key', made.private);
    write('ca.crt', made.cert);
  }
  return { key: readFileSync(join(out, 'ca.key'), 'utf8'), cert: readFileSync(join(out, 'ca.crt'), 'utf8') };
}

/** Each Service by the names that it has inside its namespace and outside. */
const serviceNames = (names) => names.flatMap((name) => [name, `${name}.${namespace}`, `${name}.${namespace}.svc`]);

async function certificate(folder, names, authorityFile = 'mesh-ca.crt') {
  const altNames = names.map((name) => (isAddress(name) ? { type: 7, ip: name } : { type: 2, value: name }));
  const extensions = [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames },
  ];
  const made = await issue(`${folder}.${namespace}`, extensions, { ca, notAfterDate: inDays(days) });
  return {
    'tls.crt': write(`${folder}/tls.crt`, made.cert),
    'tls.key': write(`${folder}/tls.key`, made.private),
    'ca.crt': write(`${folder}/${authorityFile}`, ca.cert),
  };
}

const ca = await authority();
const natsNames = [...serviceNames(['nats', 'nats-0.nats', 'nats-1.nats', 'nats-2.nats']), 'localhost'];
const tls = {
  router: await certificate('router', [...serviceNames(['router', 'routers']), 'localhost', '127.0.0.1', ...hosts]),
  service: await certificate('service', serviceNames(['nlp', 'vision', 'generator', 'custom'])),
  nats: await certificate('nats', natsNames, 'ca.crt'),
};

/** The seed stays with the client; the server is told the public half. */
const seed = (name) => kept(name, () => new TextDecoder().decode(createUser().getSeed()));
const publicKey = (text) => fromSeed(new TextEncoder().encode(text)).getPublicKey();
const seeds = { router: seed('router/nats.nkey'), service: seed('service/nats.nkey'), operator: seed('operator.nkey') };
const natsKeys = {
  WEFT_ROUTER_NKEY: publicKey(seeds.router),
  WEFT_SERVICE_NKEY: publicKey(seeds.service),
  WEFT_OPERATOR_NKEY: publicKey(seeds.operator),
};
const keysFile = Object.entries(natsKeys).map(([name, value]) => `${name}=${value}\n`);
write('nats/keys.env', keysFile.join(''));

const executorToken = token('router/executor.token');
const adminToken = token('admin.token');
const clients = [hashed('admin', ['infer', 'admin'], adminToken), hashed('client', ['infer'], token('client.token'))];
const tokenFile = (folder, tokens) => write(`${folder}/tokens.json`, `${JSON.stringify({ tokens }, undefined, 2)}\n`);
const routerTokens = kept('router/tokens.json', () => `${JSON.stringify({ tokens: clients }, undefined, 2)}\n`);
const serviceTokens = tokenFile('service', [hashed('router', ['executor'], executorToken)]);

const secret = (name, type, stringData) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'weft' } },
  type,
  stringData,
});
const secrets = [
  secret('weft-router-tls', 'kubernetes.io/tls', tls.router),
  secret('weft-service-tls', 'kubernetes.io/tls', tls.service),
  secret('weft-nats-tls', 'kubernetes.io/tls', tls.nats),
  secret('weft-router-credentials', 'Opaque', {
    'tokens.json': routerTokens,
    'executor.token': executorToken,
    'nats.nkey': seeds.router,
  }),
  secret('weft-service-credentials', 'Opaque', { 'tokens.json': serviceTokens, 'nats.nkey': seeds.service }),
  secret('weft-nats-keys', 'Opaque', natsKeys),
  secret('weft-publisher', 'Opaque', { token: adminToken }),
];
write('secrets.yaml', secrets.map((object) => stringify(object)).join('---\n'));
process.stderr.write(
  `${out}: secrets.yaml for Kubernetes; ca.crt and admin.token or client.token for those who call\n`,
);
