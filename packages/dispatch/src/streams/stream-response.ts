// A ModelStreamInferResponse around the bytes of a ModelInferResponse, which stay as they are: what the protocol's stream adds, the
// flag of the final response, is one entry of a map and stands behind them, where every decoder merges it.
import {
  bytesFieldSize,
  FieldReader,
  FieldWriter,
  finalResponseEntry,
  finalResponseKey,
  MalformedMessage,
  rpcMethod,
  streamInferPath,
} from '@weft/rpc';

const emptyFinalKey = 'triton_enable_empty_final_response';
const nothing = Buffer.alloc(0);

/** `final` undefined: the response says it itself. */
export function streamResponse(response: Uint8Array, final: boolean | undefined): Buffer {
  const entry = final === undefined ? nothing : final ? finalResponseEntry.yes : finalResponseEntry.no;
  const size = response.length + entry.length;
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(2, size);
  out.bytes.set(response, out.at);
  out.bytes.set(entry, out.at + response.length);
  return out.bytes;
}

/** The end of a request that has no more to say. */
export function emptyFinalResponse(modelName: string, modelVersion: string, id: string): Buffer {
  const parameters = { [finalResponseKey]: { boolParam: true } };
  return rpcMethod(streamInferPath).encodeResponse({ inferResponse: { modelName, modelVersion, id, parameters } });
}

export function errorResponse(errorMessage: string, id: string): Buffer {
  return rpcMethod(streamInferPath).encodeResponse({ errorMessage, inferResponse: { id } });
}

/** Whether a response says of itself that it is the final one; undefined when it says nothing. */
export function finalFlagOf(response: Buffer): boolean | undefined {
  return flagOf(response, finalResponseKey);
}

/** Whether a request wants to hear of its end, though there be nothing more to say. */
export function wantsEmptyFinal(request: Buffer): boolean {
  return flagOf(request, emptyFinalKey) === true;
}

/** A parameter of a request or a response: both have them in field 4. */
function flagOf(message: Buffer, wanted: string): boolean | undefined {
  const reader = new FieldReader(message);
  let flag: boolean | undefined;
  try {
    while (reader.next()) {
      if (reader.field !== 4) continue;
      const entry = reader.message();
      let key = '';
      let value: boolean | undefined;
      while (entry.next()) {
        if (entry.field === 1) key = entry.text();
        else if (entry.field === 2) value = boolOf(entry.message());
      }
      if (key === wanted) flag = value;
    }
  } catch (thrown) {
    // Who decodes it says so.
    if (!(thrown instanceof MalformedMessage)) throw thrown;
  }
  return flag;
}

function boolOf(parameter: FieldReader): boolean | undefined {
  let value: boolean | undefined;
  while (parameter.next()) if (parameter.field === 1) value = parameter.varint !== 0;
  return value;
}
