// The encoder as a target: its rows as requests of the Open Inference Protocol, or as plain bytes over HTTP.
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import { inferPath } from '../overhead/identity-model.ts';
import { rowSize } from './encoder-model.ts';
import type { PeerContext } from './peer.ts';
import type { GrpcTarget, HttpTarget } from './target.ts';

export function grpcTarget(address: string, { rows, firstValues }: PeerContext): GrpcTarget {
  const payloads = rows.map((row) => {
    const request: ModelInferRequest = {
      modelName: 'encoder',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, rowSize] }],
      rawInputContents: [bytesOf(row)],
    };
    return rpcMethod(inferPath).encodeRequest(request);
  });
  return { kind: 'grpc', address, path: inferPath, payloads, firstValues };
}

/** The row's bytes as they are, there and back. */
export function httpTarget(port: number, path: string, { rows, firstValues }: PeerContext): HttpTarget {
  return { kind: 'http', port, path, payloads: rows.map(bytesOf), firstValues };
}

function bytesOf(row: Float32Array): Buffer {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength);
}
