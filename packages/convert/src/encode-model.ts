// Writes an ONNX graph as the bytes of a ModelProto. The field numbers are those of onnx.proto3; only what an
// inference graph needs is written. The same graph always gives the same bytes, so results can be named by digest.
import type { BytesElements } from '@weft/tensor';
import protobuf from 'protobufjs/minimal.js';
import { onnxElementType } from './onnx-datatype.ts';
import type { ExternalContent, OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.ts';

export const defaultOpset = 17;
/** IR version 8 came with opset 16; runtimes accept a newer opset under it. */
const irVersion = 8;

type Writer = protobuf.Writer;

/** The bytes of a model. `opset` is the version of the standard operators that its nodes mean. */
export function encodeModel(graph: OnnxGraph, options: { readonly opset?: number } = {}): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, 0)).int64(irVersion);
  writer.uint32(tag(2, 2)).string('weft');
  message(writer, 7, (inner) => writeGraph(inner, graph));
  message(writer, 8, (inner) => inner.uint32(tag(2, 0)).int64(options.opset ?? defaultOpset));
  // finish() may answer with a slice of Node's pool, which nobody can transfer to a worker.
  return writer.finishInto(new Uint8Array(writer.pos));
}

function writeGraph(writer: Writer, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, 1, (inner) => writeNode(inner, node));
  writer.uint32(tag(2, 2)).string(graph.name ?? 'graph');
  for (const tensor of graph.initializers ?? []) message(writer, 5, (inner) => writeTensor(inner, tensor));
  for (const input of graph.inputs) message(writer, 11, (inner) => writeValue(inner, input));
  for (const output of graph.outputs) message(writer, 12, (inner) => writeValue(inner, output));
}

function writeNode(writer: Writer, node: OnnxNode): void {
  for (const input of node.inputs) writer.uint32(tag(1, 2)).string(input);
  for (const output of node.outputs) writer.uint32(tag(2, 2)).string(output);
  writer.uint32(tag(3, 2)).string(node.name);
  writer.uint32(tag(4, 2)).string(node.operator);
  for (const attribute of Object.entries(node.attributes))
    message(writer, 5, (inner) => writeAttribute(inner, attribute));
}

function writeAttribute(writer: Writer, [name, attribute]: [string, OnnxAttribute]): void {
  writer.uint32(tag(1, 2)).string(name);
  if ('float' in attribute) {
    writer.uint32(tag(2, 5)).float(attribute.float);
    attributeType(writer, 1);
  } else if ('int' in attribute) {
    writer.uint32(tag(3, 0)).int64(attribute.int);
    attributeType(writer, 2);
  } else if ('string' in attribute) {
    writer.uint32(tag(4, 2)).string(attribute.string);
    attributeType(writer, 3);
  } else if ('tensor' in attribute) {
    message(writer, 5, (inner) => writeTensor(inner, attribute.tensor));
    attributeType(writer, 4);
  } else if ('graph' in attribute) {
    message(writer, 6, (inner) => writeGraph(inner, attribute.graph));
    attributeType(writer, 5);
  } else if ('floats' in attribute) {
    for (const float of attribute.floats) writer.uint32(tag(7, 5)).float(float);
    attributeType(writer, 6);
  } else {
    for (const int of attribute.ints) writer.uint32(tag(8, 0)).int64(int);
    attributeType(writer, 7);
  }
}

function attributeType(writer: Writer, type: number): void {
  writer.uint32(tag(20, 0)).int32(type);
}

function writeTensor(writer: Writer, tensor: OnnxTensor): void {
  for (const size of tensor.shape) writer.uint32(tag(1, 0)).int64(size);
  writer.uint32(tag(2, 0)).int32(onnxElementType(tensor.datatype));
  const { content } = tensor;
  if (content instanceof Uint8Array) {
    writer.uint32(tag(9, 2)).bytes(content);
  } else if (isElements(content)) {
    for (const element of content) writer.uint32(tag(6, 2)).bytes(element);
  } else {
    for (const [key, value] of Object.entries(content)) {
      message(writer, 13, (inner) => inner.uint32(tag(1, 2)).string(key).uint32(tag(2, 2)).string(String(value)));
    }
    writer.uint32(tag(14, 0)).int32(1);
  }
  writer.uint32(tag(8, 2)).string(tensor.name);
}

function isElements(content: BytesElements | ExternalContent): content is BytesElements {
  return Array.isArray(content);
}

function writeValue(writer: Writer, { name, datatype, shape }: OnnxValue): void {
  writer.uint32(tag(1, 2)).string(name);
  const writeTensorType = (type: Writer) => {
    type.uint32(tag(1, 0)).int32(onnxElementType(datatype));
    message(type, 2, (inner) => writeShape(inner, shape));
  };
  message(writer, 2, (type) => message(type, 1, writeTensorType));
}

function writeShape(writer: Writer, shape: OnnxValue['shape']): void {
  for (const size of shape) message(writer, 1, (inner) => writeDimension(inner, size));
}

/** A dimension of any size and no name is an empty message. */
function writeDimension(writer: Writer, size: number | string): void {
  if (typeof size === 'string') writer.uint32(tag(2, 2)).string(size);
  else if (size >= 0) writer.uint32(tag(1, 0)).int64(size);
}

/** A message inside the message that is being written. */
function message(writer: Writer, field: number, write: (inner: Writer) => unknown): void {
  writer.uint32(tag(field, 2)).fork();
  write(writer);
  writer.ldelim();
}

function tag(field: number, wireType: 0 | 2 | 5): number {
  return field * 8 + wireType;
}
