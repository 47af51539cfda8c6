// compose.yaml against what else is in the repository: needs nothing but Node. That it is valid is one of the checks
// (scripts/checks.mjs), and `npm run test:image` runs it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readManifest } from './overlays.ts';

const file = fileURLToPath(new URL('../../../deploy/compose.yaml', import.meta.url));

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const compose = parse(readFileSync(file, 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const processes = services.filter(([name]) => name !== 'nats');

test('every container is confined as in Kubernetes', () => {
  for (const [name, service] of services) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
  }
});

test('what is mounted is in the repository, or made by make-credentials, or a volume that is declared', () => {
  for (const [name, { volumes }] of services) {
    for (const source of volumes.map((volume) => volume.split(':')[0] ?? '')) {
      const isVolume = Object.hasOwn(compose.volumes, source);
      const isMade = /^\.\.\/credentials\/(router|service|nats)$/.test(source);
      assert.ok(isVolume || isMade || existsSync(join(dirname(file), source)), `${name}: ${source}`);
    }
  }
});

test('every process of the image is there, by the entry that it has and with the endpoints of Kubernetes', () => {
  for (const [name, { command }] of processes) {
    assert.deepEqual(command, [`services/${name}/dist/main.js`]);
    assert.ok(existsSync(join(dirname(file), '..', 'services', name, 'src/main.ts')), name);
  }
  const endpoints = compose.services['router']?.environment['WEFT_ENDPOINTS'];
  const inKubernetes = /^WEFT_ENDPOINTS=(.*)$/m.exec(readManifest('base/weft.env'))?.[1];
  assert.equal(endpoints, inKubernetes?.replaceAll('k8s:', 'dns:'));
});

test('images are pinned', () => {
  for (const [name, { image }] of services) assert.match(image, /:\d+\.\d+\.\d+(-\w+)?(@sha256:[0-9a-f]{64})?$/, name);
});
