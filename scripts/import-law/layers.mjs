// The import law as a table: which package may import which.
//
// Imports point down this list only, and never sideways within one line of it. Services stand above all libraries and
// below the command line; the client stands apart. bench/ and test/ may import anything, and nothing imports them.

const layers = [
  ['tensor', 'errors', 'foreign'],
  ['flow'],
  ['config'],
  ['telemetry'],
  ['rpc'],
  ['models', 'convert', 'image'],
  ['dispatch'],
  ['http'],
  ['runtime'],
  ['backend-onnx', 'backend-tfjs', 'backend-example'],
];
const clientMayImport = ['errors', 'rpc'];

const [serviceRank, cliRank, topRank] = [layers.length, layers.length + 1, layers.length + 2];

/** The height of a folder such as `packages/rpc`; undefined for a library that the table does not name. */
export function rankOf(dir) {
  const [group, name] = dir.split('/');
  if (group === 'services') return serviceRank;
  if (group !== 'packages') return topRank;
  if (name === 'cli' || name === 'client') return cliRank;
  const rank = layers.findIndex((layer) => layer.includes(name));
  return rank === -1 ? undefined : rank;
}

/** Says why the package in folder `from` may not import the one in `to`; undefined when it may. */
export function objection(from, to) {
  const [fromRank, toRank] = [rankOf(from), rankOf(to)];
  if (fromRank === undefined || toRank === undefined) return undefined;
  if (from === 'packages/client') {
    return clientMayImport.some((name) => to === `packages/${name}`)
      ? undefined
      : `the client may import only ${clientMayImport.join(' and ')}`;
  }
  if (fromRank === serviceRank && toRank === serviceRank)
    return 'services never import each other: they meet at proto/';
  if (to === 'packages/client')
    return from === 'packages/cli' || fromRank === topRank
      ? undefined
      : 'only the command line, bench/ and test/ use the client';
  if (toRank === topRank) return `nothing imports ${to}/`;
  if (fromRank > toRank) return undefined;
  return fromRank === toRank ? `${from} and ${to} stand side by side` : `${to} stands above ${from}`;
}
