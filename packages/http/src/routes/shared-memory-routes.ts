// Shared memory, in Triton's forms. What the process answers to the gRPC calls it answers here.
import { invalidArgument } from '@weft/errors';
import type { JsonObject } from '../json/json-reader.ts';
import { emptyAnswer, jsonAnswer, type Route } from '../server/exchange.ts';
import { type Answers, ask, rpcPath } from './ask.ts';
import { readObject } from './read-object.ts';

const kinds = [
  { folder: 'systemsharedmemory', prefix: 'SystemSharedMemory', registration: systemRegion },
  { folder: 'cudasharedmemory', prefix: 'CudaSharedMemory', registration: cudaRegion },
] as const;

export function sharedMemoryRoutes(answers: Answers): readonly Route[] {
  return kinds.flatMap(({ folder, prefix, registration }) => {
    const route = (verb: Route['verb'], path: string, does: 'Status' | 'Register' | 'Unregister'): Route => ({
      verb,
      url: `/v2/${folder}${path}`,
      rpc: rpcPath(`${prefix}${does}`),
      async answer(exchange) {
        const name = { name: exchange.param('region') };
        const request = does === 'Register' ? { ...name, ...registration(await readObject(exchange)) } : name;
        const response = await ask(answers, `${prefix}${does}`, { request, exchange });
        return does === 'Status' ? jsonAnswer(Object.values(response['regions'] as object)) : emptyAnswer;
      },
    });
    return [
      route('GET', '/status', 'Status'),
      route('GET', '/region/:region/status', 'Status'),
      route('POST', '/region/:region/register', 'Register'),
      route('POST', '/unregister', 'Unregister'),
      route('POST', '/region/:region/unregister', 'Unregister'),
    ];
  });
}

function systemRegion(body: JsonObject): object {
  const { key } = body;
  if (typeof key !== 'string') throw invalidArgument("'key' must be a text");
  return { key, offset: sizeOf(body, 'offset'), byteSize: sizeOf(body, 'byte_size') };
}

function cudaRegion(body: JsonObject): object {
  const given = body['raw_handle'] as JsonObject | undefined;
  const text = given?.['b64'];
  if (typeof text !== 'string') throw invalidArgument("'raw_handle' must hold 'b64', a text");
  return {
    rawHandle: Buffer.from(text, 'base64'),
    deviceId: sizeOf(body, 'device_id'),
    byteSize: sizeOf(body, 'byte_size'),
  };
}

/** 0 if absent. */
function sizeOf(body: JsonObject, field: string): number {
  const size = body[field] ?? 0;
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0) return size;
  throw invalidArgument(`'${field}' must be a whole number of at least 0`);
}
