// The bodies of requests that are no inference: a JSON object, or nothing.
import { invalidArgument } from '@weft/errors';
import { type JsonObject, JsonReader } from '../json/json-reader.ts';
import type { Exchange } from '../server/exchange.ts';

/** Larger ones are refused: nothing but the files of a load are longer, and those are read elsewhere (parse-change.ts). */
const maxBytes = 256 * 1024;

/** Throws INVALID_ARGUMENT. */
export async function readObject(exchange: Exchange): Promise<JsonObject> {
  const body = await exchange.body();
  if (body.length > maxBytes) throw invalidArgument(`this request takes no more than ${maxBytes} bytes`);
  return parseObject(body.bytes());
}

/** Throws INVALID_ARGUMENT. */
export function parseObject(json: Buffer): JsonObject {
  if (json.length === 0) return Object.create(null) as JsonObject;
  const reader = new JsonReader(json);
  if (reader.kind() !== 'object') throw invalidArgument('the request must be a JSON object');
  const object = reader.value() as JsonObject;
  reader.end();
  return object;
}
