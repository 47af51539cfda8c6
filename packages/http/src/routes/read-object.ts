// The bodies of requests that are no inference: a JSON object, or nothing.
import { invalidArgument } from '@weft/errors';
import { type JsonObject, JsonReader } from '../json/json-reader.ts';
import type { Exchange } from '../server/exchange.ts';

/** Larger ones are refused: nothing but a pushed file is longer, and that goes another way. */
const maxBytes = 256 * 1024;

/** Throws INVALID_ARGUMENT. */
export async function readObject(exchange: Exchange): Promise<JsonObject> {
  const body = await exchange.body();
  if (body.length === 0) return Object.create(null) as JsonObject;
  if (body.length > maxBytes) throw invalidArgument(`this request takes no more than ${maxBytes} bytes`);
  const reader = new JsonReader(body.bytes());
  if (reader.kind() !== 'object') throw invalidArgument('the request must be a JSON object');
  const object = reader.value() as JsonObject;
  reader.end();
  return object;
}
