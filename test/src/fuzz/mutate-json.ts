// Mutations of a JSON document: of its values, at any depth, and of its text.
import { mutateBytes } from './mutate-message.ts';
import type { Random } from './random.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const values: readonly [Json, ...Json[]] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  '',
  '\0',
  '__proto__',
  '../etc',
  'FP16',
  [],
  {},
  [[[1]]],
  { parameters: { binary_data_size: 8 } },
];
const marks = [
  'NaN',
  '-Infinity',
  '1e999',
  '99999999999999999999',
  '01',
  '"\\ud800"',
  '[[',
  '}',
  '"',
  ',',
  '\\',
] as const;

export function mutateJson(json: Json, random: Random): Buffer {
  let mutated = json;
  for (let rounds = 1 + random.below(3); rounds > 0; rounds--) mutated = mutateValue(mutated, random);
  let text = JSON.stringify(mutated);
  if (random.chance(0.2)) {
    const at = random.below(text.length + 1);
    text = `${text.slice(0, at)}${random.pick(marks)}${text.slice(at + random.below(4))}`;
  }
  const bytes = Buffer.from(text);
  return random.chance(0.1) ? mutateBytes(bytes, random) : bytes;
}

function mutateValue(json: Json, random: Random): Json {
  if (json === null || typeof json !== 'object' || random.chance(0.1)) return random.pick(values);
  if (Array.isArray(json)) {
    const items = [...(json as readonly Json[])];
    const at = random.below(items.length + 1);
    items.splice(at, random.below(2), mutateValue(items[at] ?? null, random));
    return items;
  }
  const members = Object.entries(json);
  const [key, value] = members[random.below(members.length)] ?? ['x', null];
  switch (random.below(8)) {
    case 0:
      return Object.fromEntries(members.filter(([other]) => other !== key));
    case 1:
      return Object.fromEntries([...members, [random.pick(['__proto__', '', 'id', 'inputs', 'x'.repeat(300)]), value]]);
    default:
      return Object.fromEntries([...members, [key, mutateValue(value, random)]]);
  }
}
