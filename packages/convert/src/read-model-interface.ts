// Reads what can be said of an ONNX model without a runtime: its inputs and outputs, and every file that its tensors
// ask for. The runtime opens such files while it loads, wherever they lie, so callers check the locations first
// (CVE-2022-25882, CVE-2024-27318). Hence the whole model is walked, not only the graph's initializers: tensors in
// node attributes, subgraphs, sparse tensors, functions and training graphs count too, and a location counts even where
// the tensor says that it is not external, because repeated protobuf fields merge and could still make it so.
import { WeftError } from '@weft/errors';
import type { Datatype } from '@weft/tensor';
import protobuf from 'protobufjs/minimal.js';
import { ByteSpan } from './byte-span.ts';
import { datatypeOfElementType } from './onnx-datatype.ts';

/** An input or output. `datatype` is undefined where weft has none (sequences, maps, ...), `shape` where the model gives none. */
export interface ModelValue {
  readonly name: string;
  readonly datatype: Datatype | undefined;
  /** −1 stands for any size. */
  readonly shape: readonly number[] | undefined;
}

export interface ModelInterface {
  /** What a caller has to feed: without the inputs that an initializer gives a value. */
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** As written in the model, each once; relative to the model's folder if they are honest. Empty text: external, but no location. */
  readonly externalLocations: readonly string[];
}

interface Found {
  readonly inputs: ModelValue[];
  readonly outputs: ModelValue[];
  readonly initializers: Set<string>;
  readonly locations: Set<string>;
}

/** As deep as the runtime's own protobuf parser goes. */
const maxDepth = 100;

/** Throws INVALID_ARGUMENT when the bytes are not an ONNX model. */
export function readModelInterface(onnx: Uint8Array): ModelInterface {
  return readInterface(ByteSpan.of(onnx));
}

/** The same of a file, of which little is read. Throws what the file system throws where it cannot be read. */
export function readModelFileInterface(path: string): ModelInterface {
  return ByteSpan.inFile(path, readInterface);
}

function readInterface(onnx: ByteSpan): ModelInterface {
  const found: Found = { inputs: [], outputs: [], initializers: new Set(), locations: new Set() };
  try {
    let graphs = 0;
    walk(onnx, {
      7: (graph) => {
        graphs++;
        walkGraph(graph, found, 1);
      },
      20: (training) => walk(training, { 1: (g) => walkTensors(g, found, 2), 2: (g) => walkTensors(g, found, 2) }),
      25: (fn) =>
        walk(fn, { 7: (node) => walkNode(node, found, 2), 11: (attribute) => walkAttribute(attribute, found, 2) }),
    });
    if (graphs === 0) throw new Error('no graph');
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', 'the file is not a valid ONNX model', { cause });
  }
  const inputs = found.inputs.filter((input) => !found.initializers.has(input.name));
  return { inputs, outputs: found.outputs, externalLocations: [...found.locations] };
}

/** The model's own graph: the tensors in it, and its interface. */
function walkGraph(graph: ByteSpan, found: Found, depth: number): void {
  walkTensors(graph, found, depth);
  walk(graph, {
    5: (tensor) => walk(tensor, { 8: (name) => found.initializers.add(text(name)) }),
    11: (value) => found.inputs.push(readValue(value)),
    12: (value) => found.outputs.push(readValue(value)),
    15: (sparse) => walk(sparse, { 1: (values) => walk(values, { 8: (name) => found.initializers.add(text(name)) }) }),
  });
}

function walkTensors(graph: ByteSpan, found: Found, depth: number): void {
  if (depth > maxDepth) throw new RangeError(`graphs nested deeper than ${maxDepth}`);
  walk(graph, {
    1: (node) => walkNode(node, found, depth + 1),
    5: (tensor) => walkTensor(tensor, found),
    15: (sparse) => walkSparseTensor(sparse, found),
  });
}

function walkNode(node: ByteSpan, found: Found, depth: number): void {
  walk(node, { 5: (attribute) => walkAttribute(attribute, found, depth) });
}

function walkAttribute(attribute: ByteSpan, found: Found, depth: number): void {
  const tensor = (bytes: ByteSpan) => walkTensor(bytes, found);
  const graph = (bytes: ByteSpan) => walkTensors(bytes, found, depth + 1);
  const sparse = (bytes: ByteSpan) => walkSparseTensor(bytes, found);
  walk(attribute, { 5: tensor, 6: graph, 10: tensor, 11: graph, 22: sparse, 23: sparse });
}

function walkSparseTensor(sparse: ByteSpan, found: Found): void {
  walk(sparse, { 1: (values) => walkTensor(values, found), 2: (indices) => walkTensor(indices, found) });
}

function walkTensor(tensor: ByteSpan, found: Found): void {
  let external = false;
  const locations: string[] = [];
  const visitEntry = (entry: ByteSpan) => {
    const [key, value] = readEntry(entry);
    if (key === 'location') locations.push(value);
  };
  const visitLocation = (location: number) => {
    external ||= location !== 0;
  };
  walk(tensor, { 13: visitEntry }, { 14: visitLocation });
  if (external && locations.length === 0) locations.push('');
  for (const location of locations) {
    // The runtime's file calls end at the NUL, a check of the whole text would not.
    if (location.includes('\0')) throw new Error('NUL in a location');
    found.locations.add(location);
  }
}

function readEntry(entry: ByteSpan): [string, string] {
  const pair: [string, string] = ['', ''];
  walk(entry, {
    1: (key) => {
      pair[0] = text(key);
    },
    2: (value) => {
      pair[1] = text(value);
    },
  });
  return pair;
}

function readValue(value: ByteSpan): ModelValue {
  let name = '';
  let datatype: Datatype | undefined;
  let shape: number[] | undefined;
  const readShape = (dimensions: ByteSpan) => {
    const sizes = (shape ??= []);
    walk(dimensions, { 1: (dimension) => sizes.push(readDimension(dimension)) });
  };
  const readElementType = (elementType: number) => {
    datatype = datatypeOfElementType(elementType);
  };
  const readTensorType = (type: ByteSpan) => walk(type, { 2: readShape }, { 1: readElementType });
  walk(value, {
    1: (bytes) => {
      name = text(bytes);
    },
    2: (type) => walk(type, { 1: readTensorType }),
  });
  return { name, datatype, shape };
}

function readDimension(dimension: ByteSpan): number {
  let size = -1;
  const setSize = (value: number) => {
    size = Math.max(value, -1);
  };
  walk(dimension, {}, { 1: setSize });
  return size;
}

type Visitors<T> = Readonly<Record<number, (value: T) => unknown>>;

/** At least what a tag and a number have. */
const headBytes = 24;

/** Visits the fields that the tables know, of length-delimited and of varint type; skips all others, unread. */
function walk(span: ByteSpan, messages: Visitors<ByteSpan>, numbers: Visitors<number> = {}): void {
  let position = 0;
  while (position < span.size) {
    const head = protobuf.Reader.create(span.peek(position, headBytes));
    const tag = head.uint32();
    switch (tag & 7) {
      case 2: {
        const size = head.uint32();
        const content = span.piece(position + head.pos, size);
        position += head.pos + size;
        messages[tag >>> 3]?.(content);
        break;
      }
      case 0: {
        const number = Number(head.int64());
        position += head.pos;
        numbers[tag >>> 3]?.(number);
        break;
      }
      case 1:
        position += head.pos + 8;
        break;
      case 5:
        position += head.pos + 4;
        break;
      default:
        throw new Error('a field of no known type');
    }
  }
  if (position > span.size) throw new RangeError('a field beyond the end');
}

function text(span: ByteSpan): string {
  return Buffer.from(span.bytes()).toString('utf8');
}
