// Reads what one source file asks for: the modules it imports in any form, the packages that it mentions in a string (to
// load one dynamically, or to find a file in it), and whether it reads the environment.
//
// A parser does it, not a pattern: a comment or a string that looks like an import must not count, and a type-only
// import must, since it ends up in the declarations that a dependant compiles against.

import { parseSync, Visitor } from 'oxc-parser';

const isString = (node) => node?.type === 'Literal' && typeof node.value === 'string';
const isName = (node, name) => node?.type === 'Identifier' && node.name === name;
const keyOf = (node) => node.key?.name ?? node.key?.value;

const memberName = (node) => (node.computed ? node.property.value : node.property.name);

/** `require('x')`, `require.resolve('x')`, `createRequire(url).resolve('x')`, `import.meta.resolve('x')` */
function isResolver(callee) {
  if (isName(callee, 'require')) return true;
  if (callee.type !== 'MemberExpression' || memberName(callee) !== 'resolve') return false;
  const { object } = callee;
  return isName(object, 'require') || isName(object.callee, 'createRequire') || object.type === 'MetaProperty';
}

/** `process.env`, `process['env']`, `globalThis.process.env` */
const isEnvironment = (node) =>
  memberName(node) === 'env' &&
  (isName(node.object, 'process') ||
    (node.object.type === 'MemberExpression' && memberName(node.object) === 'process'));

/** `import { env } from 'node:process'`, or `export` in its place */
const takesEnvFromModule = ({ source, specifiers }) =>
  source?.value === 'node:process' &&
  specifiers.some(({ imported, local }) => [imported?.name ?? imported?.value, local?.name].includes('env'));

/** `{imports: [{specifier, line}], mentions: [package name], environmentLines: [line]}` */
export function readImports(file, text) {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const lineAt = (offset) => text.slice(0, offset).split('\n').length;
  const found = { imports: [], mentions: [], environmentLines: [] };
  const addImport = (source) => {
    if (isString(source)) found.imports.push({ specifier: source.value, line: lineAt(source.start) });
  };
  const addMention = (text) => {
    const path = /^(?:npm:)?((?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/\S*)?)$/.exec(text)?.[1];
    if (path) found.mentions.push(packageOf(path));
  };
  const addEnvironment = (node) => found.environmentLines.push(lineAt(node.start));

  new Visitor({
    ImportDeclaration(node) {
      addImport(node.source);
      if (takesEnvFromModule(node)) addEnvironment(node);
    },
    ExportNamedDeclaration(node) {
      addImport(node.source);
      if (takesEnvFromModule(node)) addEnvironment(node);
    },
    ExportAllDeclaration: (node) => addImport(node.source),
    ImportExpression: (node) => addImport(node.source),
    TSImportType: (node) => addImport(node.source),
    CallExpression(node) {
      if (isResolver(node.callee)) addImport(node.arguments[0]);
    },
    MemberExpression(node) {
      if (isEnvironment(node)) addEnvironment(node);
    },
    VariableDeclarator(node) {
      const takesEnv =
        node.id.type === 'ObjectPattern' && node.id.properties.some((property) => keyOf(property) === 'env');
      if (takesEnv && isName(node.init, 'process')) addEnvironment(node);
    },
    Literal(node) {
      if (isString(node)) addMention(node.value);
    },
    TemplateLiteral: (node) => addMention(node.quasis[0].value.raw),
  }).visit(program);
  return found;
}

/** `@scope/name/path` → `@scope/name` */
export const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
