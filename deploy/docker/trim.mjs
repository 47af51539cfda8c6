// What an image leaves out of its packages, since no process of the mesh reads it: half of what npm installs. `node trim.mjs FOLDER`,
// a folder with `models`, `node_modules`, `packages` and `services` as the images have them.
//
// Packages that are there for a default model alone keep the files which models/ refers to; TensorFlow.js keeps the one form of
// several that Node loads; and no package keeps declarations, sources of TypeScript, maps or pages.

import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [root] = process.argv.slice(2);
const modules = join(root, 'node_modules');

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const isLicence = (file) => /^(licen[cs]e|notice|copying|copyright)/i.test(basename(file));
const removeUnless = (folder, keeps) => {
  for (const file of filesBelow(folder)) if (!isLicence(file) && !keeps(file)) rmSync(file);
};

/** The files that a reference means: itself, its shards, and external data beside it. */
function filesOf(reference) {
  const file = join(modules, reference);
  const beside = readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}`));
  const manifest = file.endsWith('.json') ? (JSON.parse(readFileSync(file, 'utf8')).weightsManifest ?? []) : [];
  const shards = manifest.flatMap(({ paths }) => paths);
  return [...beside, ...shards].map((name) => join(dirname(file), name));
}

const configurations = filesBelow(join(root, 'models')).filter((file) => /\.(pbtxt|json)$/.test(file));
const references = configurations.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/"npm:([^"]+)"/g)].map(([, reference]) => reference),
);
const packageOf = (reference) => /^(@[^/]+\/)?[^/]+/.exec(reference)[0];
const carriers = new Set(references.map(packageOf));

/** Nobody's code needs a carrier: services name it for their models' sake. */
const manifests = filesBelow(modules).filter((file) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
for (const manifest of manifests) {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) carriers.delete(name);
}
for (const file of [...filesBelow(join(root, 'packages')), ...filesBelow(join(root, 'services'))]) {
  if (!file.endsWith('.js')) continue;
  const text = readFileSync(file, 'utf8');
  for (const name of carriers) if (text.includes(`'${name}`)) carriers.delete(name);
}
for (const name of carriers) {
  const kept = new Set(references.filter((reference) => packageOf(reference) === name).flatMap(filesOf));
  removeUnless(join(modules, name), (file) => basename(file) === 'package.json' || kept.has(file));
}

const forms = readdirSync(join(modules, '@tensorflow')).filter((name) => /^tfjs-(?!node)/.test(name));
for (const name of forms) {
  const folder = join(modules, '@tensorflow', name);
  const main = join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).main);
  const besideMain = (file) => dirname(file) === dirname(main) && file.endsWith('.wasm');
  const isNested = (file) => file.startsWith(join(folder, 'node_modules/'));
  removeUnless(
    folder,
    (file) => file === main || basename(file) === 'package.json' || besideMain(file) || isNested(file),
  );
}

// For browsers and others without a native build; the one for this machine is there.
rmSync(join(modules, '@img/sharp-wasm32'), { recursive: true, force: true });
removeUnless(modules, (file) => !/\.([cm]?ts|map|md|markdown|html|ico)$/i.test(file));

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
removeEmpty(modules);
