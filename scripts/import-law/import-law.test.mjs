// Plants one violation of each rule into a small lawful tree, and sees that exactly it is found.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkTree } from './check-tree.mjs';

const exportsOf = { '.': { default: './dist/index.js' }, './messages/*': { default: './dist/gen/*.js' } };
const manifest = (name, fields = {}) => ({ name: `@weft/${name}`, exports: exportsOf, ...fields });
const references = (...paths) => ({ references: paths.map((path) => ({ path })) });

/** Files by path; objects become JSON. The tree obeys the law as it stands. */
const lawful = () => ({
  'package.json': { devDependencies: { 'fast-check': '1' } },
  'tsconfig.json': references('packages/errors', 'packages/rpc', 'packages/client', 'services/nlp', 'services/vision'),
  'packages/errors/package.json': manifest('errors'),
  'packages/errors/tsconfig.json': references(),
  'packages/errors/src/index.ts': "export { codes } from './codes.ts';",
  'packages/errors/src/codes.ts': 'export const codes = 1;',
  'packages/errors/src/codes.test.ts': "import fc from 'fast-check'; import { codes } from './codes.ts'; fc(codes);",
  'packages/rpc/package.json': manifest('rpc', { dependencies: { '@weft/errors': '1' } }),
  'packages/rpc/tsconfig.json': references('../errors'),
  'packages/rpc/src/index.ts':
    "// import '@weft/nlp'\nimport type { codes } from '@weft/errors';\nexport const text = \"import 'x'\" as typeof codes;",
  'packages/client/package.json': manifest('client', { dependencies: { '@weft/rpc': '1' } }),
  'packages/client/tsconfig.json': references('../rpc'),
  'packages/client/src/index.ts': "import type { A } from '@weft/rpc/messages/a/A'; export type { A };",
  'services/nlp/package.json': manifest('nlp', { dependencies: { 'some-model': '1' } }),
  'services/nlp/tsconfig.json': references(),
  'services/nlp/src/config.ts': "export const port = process.env['PORT'];",
  'models/nlp/m/config.pbtxt':
    'parameters: { key: "weft.source" value: { string_value: "npm:some-model/dist/model.json" } }',
  'services/vision/package.json': manifest('vision'),
  'services/vision/tsconfig.json': references(),
  'services/vision/src/index.ts': 'export const nothing = 0;',
});

// Lawful too: optional packages, loaded where present, and packages that only lend a file.
const mentioning = {
  'services/vision/package.json': manifest('vision', {
    dependencies: { listed: '1' },
    devDependencies: { '@lists/too': '1' },
  }),
  'services/vision/src/index.ts': "export const names = ['absent-package', `listed/${1}`];",
  'services/vision/src/index.test.ts': "export const font = 'npm:@lists/too/font.ttf';",
};

/** The findings of the lawful tree with some files replaced, as `where what`. */
function findingsWith(t, changes) {
  const root = mkdtempSync(join(tmpdir(), 'weft-law-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries({ ...lawful(), ...changes })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return checkTree(root).map(({ where, what }) => `${where} ${what}`);
}

test('finds nothing in a lawful tree', (t) => {
  assert.deepEqual(findingsWith(t, {}), []);
});

test('a package that is only mentioned may be listed, or not', (t) => {
  assert.deepEqual(findingsWith(t, mentioning), []);
});

test('the integration tests list what they use in either field', (t) => {
  const changes = {
    'tsconfig.json': references(
      'packages/errors',
      'packages/rpc',
      'packages/client',
      'services/nlp',
      'services/vision',
      'test',
    ),
    'test/package.json': manifest('test', {
      dependencies: { '@weft/client': '1' },
      devDependencies: { photos: '1', wire: '1', '@types/wire': '1' },
    }),
    'test/tsconfig.json': references('../packages/client'),
    'test/src/mesh.test.ts': "import '@weft/client'; import 'wire'; export const photo = 'photos/dog.jpg';",
  };
  assert.deepEqual(findingsWith(t, changes), []);
});

const planted = {
  'a library that imports one above it': {
    changes: {
      'packages/errors/src/codes.ts': "\nexport { text as codes } from '@weft/rpc';",
      'packages/errors/package.json': manifest('errors', { dependencies: { '@weft/rpc': '1' } }),
      'packages/errors/tsconfig.json': references('../rpc'),
      'packages/rpc/package.json': manifest('rpc'),
      'packages/rpc/tsconfig.json': references(),
      'packages/rpc/src/index.ts': 'export const text = 1;',
    },
    expected: ['packages/errors/src/codes.ts:2 imports @weft/rpc, but packages/rpc stands above packages/errors'],
  },
  'a service that imports another': {
    changes: {
      'services/vision/src/index.ts': "export * from '@weft/nlp';",
      'services/vision/package.json': manifest('vision', { dependencies: { '@weft/nlp': '1' } }),
      'services/vision/tsconfig.json': references('../nlp'),
    },
    expected: [
      'services/vision/src/index.ts:1 imports @weft/nlp, but services never import each other: they meet at proto/',
    ],
  },
  'a service that imports the client, even dynamically': {
    changes: {
      'services/vision/src/index.ts': "export const load = () => import('@weft/client');",
      'services/vision/package.json': manifest('vision', { dependencies: { '@weft/client': '1' } }),
      'services/vision/tsconfig.json': references('../../packages/client'),
    },
    expected: [
      'services/vision/src/index.ts:1 imports @weft/client, but only the command line, bench/ and test/ use the client',
    ],
  },
  'a client that imports more than errors and rpc': {
    changes: {
      'tsconfig.json': references(
        'packages/errors',
        'packages/rpc',
        'packages/client',
        'packages/flow',
        'services/nlp',
        'services/vision',
      ),
      'packages/flow/package.json': manifest('flow'),
      'packages/flow/tsconfig.json': references(),
      'packages/flow/src/index.ts': 'export const a = 1;',
      'packages/client/src/index.ts': "export * from '@weft/flow';",
      'packages/client/package.json': manifest('client', { dependencies: { '@weft/flow': '1' } }),
      'packages/client/tsconfig.json': references('../flow'),
    },
    expected: ['packages/client/src/index.ts:1 imports @weft/flow, but the client may import only errors and rpc'],
  },
  'a library in no layer': {
    changes: {
      'tsconfig.json': references(
        'packages/errors',
        'packages/rpc',
        'packages/client',
        'packages/misc',
        'services/nlp',
        'services/vision',
      ),
      'packages/misc/package.json': manifest('misc'),
      'packages/misc/tsconfig.json': references(),
    },
    expected: ['packages/misc stands in no layer'],
  },
  'a package that is imported but not listed': {
    changes: { 'services/vision/src/index.ts': "import sharp from 'sharp'; export { sharp };" },
    expected: ['services/vision/package.json does not list sharp, which src/ or a default model uses'],
  },
  'a package that is listed but not imported': {
    changes: { 'services/vision/package.json': manifest('vision', { dependencies: { sharp: '1' } }) },
    expected: ['services/vision/package.json lists sharp, which nothing uses'],
  },
  'a model package that is not listed': {
    changes: { 'services/nlp/package.json': manifest('nlp') },
    expected: ['services/nlp/package.json does not list some-model, which src/ or a default model uses'],
  },
  'a model package that no model refers to': {
    changes: { 'models/nlp/m/config.pbtxt': '' },
    expected: ['services/nlp/package.json lists some-model, which nothing uses'],
  },
  'a dependency of tests only': {
    changes: {
      'services/vision/src/index.test.ts': "import 'sharp';",
      'services/vision/package.json': manifest('vision', { dependencies: { sharp: '1' } }),
    },
    expected: ['services/vision/package.json lists sharp in dependencies, but only tests use it'],
  },
  'a devDependency that src uses': {
    changes: {
      'services/vision/src/index.ts': "import 'sharp';",
      'services/vision/package.json': manifest('vision', { devDependencies: { sharp: '1' } }),
    },
    expected: [
      'services/vision/package.json does not list sharp, which src/ or a default model uses',
      'services/vision/package.json lists sharp in devDependencies, but src/ uses it',
    ],
  },
  'a missing compiler reference': {
    changes: { 'packages/rpc/tsconfig.json': references() },
    expected: ['packages/rpc/tsconfig.json has no reference to packages/errors, which it imports'],
  },
  'a compiler reference that nothing imports': {
    changes: { 'services/vision/tsconfig.json': references('../../packages/errors') },
    expected: ['services/vision/tsconfig.json references packages/errors, which it does not import'],
  },
  'a project that the root does not build': {
    changes: { 'tsconfig.json': references('packages/errors', 'packages/rpc', 'packages/client', 'services/nlp') },
    expected: ['tsconfig.json has no reference to services/vision'],
  },
  'packages that depend on each other': {
    changes: { 'packages/errors/package.json': manifest('errors', { dependencies: { '@weft/rpc': '1' } }) },
    expected: [
      'packages/rpc/package.json is part of a cycle: packages/rpc → packages/errors → packages/rpc',
      'packages/errors/package.json lists @weft/rpc, which nothing uses',
    ],
  },
  'files that import each other, if only for a type': {
    changes: {
      'packages/errors/src/codes.ts':
        "import type { codes as c } from './index.ts'; export const codes = 1 as typeof c;",
    },
    expected: ['packages/errors/src/codes.ts is part of a cycle: src/codes.ts → src/index.ts → src/codes.ts'],
  },
  'an import of another package by path': {
    changes: { 'services/vision/src/index.ts': "export * from '../../nlp/src/config.ts';" },
    expected: ['services/vision/src/index.ts:1 reaches out of its package: ../../nlp/src/config.ts'],
  },
  "an import of another package's inside": {
    changes: { 'packages/client/src/index.ts': "export * from '@weft/rpc/dist/index.js';" },
    expected: ['packages/client/src/index.ts:1 reaches into @weft/rpc: @weft/rpc/dist/index.js'],
  },
  'a package that imports itself by name': {
    changes: { 'packages/errors/src/codes.ts': "export * from '@weft/errors'; export const codes = 1;" },
    expected: ['packages/errors/src/codes.ts:1 imports its own package by name, @weft/errors'],
  },
  'an environment variable read outside config.ts, in each way': {
    changes: {
      'services/vision/src/index.ts': [
        "export const a = process.env['A'];",
        'export const { env } = process;',
        "export { env as c } from 'node:process';",
        "import { env as d } from 'node:process';",
        "export const e = process['env'];",
        'export const f = globalThis.process.env;',
        'export default d;',
      ].join('\n'),
    },
    expected: [1, 2, 3, 4, 5, 6].map((line) => `services/vision/src/index.ts:${line} reads process.env`),
  },
};

for (const [violation, { changes, expected }] of Object.entries(planted)) {
  test(`finds ${violation}`, (t) => {
    assert.deepEqual(findingsWith(t, changes).sort(), [...expected].sort());
  });
}
