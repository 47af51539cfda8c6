// JSON schemas for kubeconform, strict: made from the description that Kubernetes publishes of its API and from the operator's
// CustomResourceDefinitions, so that nothing has to be fetched from elsewhere and the version is the one asked for.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Schema = { [keyword: string]: unknown };

/** What kubeconform is told: the name that it makes of a kind, its group and version. */
export const schemaLocation = '{{.ResourceKind}}{{.KindSuffix}}.json';

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Writes one schema for each kind. `kubernetes` and `operator` are the folders of the two modules' files. */
export function writeSchemas(folder: string, { kubernetes, operator }: { kubernetes: string; operator: string }): void {
  const swagger = JSON.parse(readFileSync(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8')) as {
    definitions: Record<string, Schema>;
  };
  const definitions = strict(swagger.definitions) as Record<string, Schema>;
  writeFileSync(join(folder, 'definitions.json'), JSON.stringify({ definitions }));
  for (const [name, schema] of Object.entries(swagger.definitions)) {
    for (const kind of (schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[])
      writeFileSync(join(folder, fileOf(kind)), JSON.stringify({ $ref: `definitions.json#/definitions/${name}` }));
  }
  for (const { spec } of customResources(operator)) {
    for (const { name, schema } of spec.versions) {
      const file = fileOf({ group: spec.group, version: name, kind: spec.names.kind });
      writeFileSync(join(folder, file), JSON.stringify(strict(schema.openAPIV3Schema)));
    }
  }
}

export interface CustomResourceDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** Those of the Prometheus Operator that the manifests use. */
export function customResources(operator: string): CustomResourceDefinition[] {
  const folder = join(operator, 'example/prometheus-operator-crd');
  return readdirSync(folder)
    .filter((file) => /_(servicemonitors|prometheusrules)\.yaml$/.test(file))
    .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as CustomResourceDefinition);
}

function fileOf({ group, version, kind }: GroupVersionKind): string {
  const suffix = group === '' ? version : `${group.split('.')[0]}-${version}`;
  return `${kind}-${suffix}.json`.toLowerCase();
}

/** The same, but what is not named is refused; references lead into definitions.json. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Schema;
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true)
    return { type: ['string', 'integer'] };
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    // A quantity is described as text, and may be written as a number.
    if ($ref.endsWith('.resource.Quantity')) return { type: ['string', 'number'] };
    return { $ref: $ref.replace(/^#/, 'definitions.json#') };
  }
  const same = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, strict(inner)]));
  const open = schema['additionalProperties'] !== undefined || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const closed = typeof schema['properties'] === 'object' && schema['type'] === 'object' && !open;
  return closed ? { ...same, additionalProperties: false } : same;
}
