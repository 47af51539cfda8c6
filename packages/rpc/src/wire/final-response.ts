// The flag that a streamed response is the last one to its request, as it stands in the bytes of a ModelInferResponse: one entry
// of its map `parameters`, which any decoder merges wherever it stands. So it can be put behind bytes that nobody decodes.

export const finalResponseKey = 'triton_final_response';

function entryOf(final: boolean): Buffer {
  // key = 1: the name; value = 2: an InferParameter with bool_param = 1.
  const key = Buffer.concat([Buffer.from([0x0a, finalResponseKey.length]), Buffer.from(finalResponseKey)]);
  const entry = Buffer.concat([key, Buffer.from([0x12, 0x02, 0x08, final ? 1 : 0])]);
  // parameters = 4.
  return Buffer.concat([Buffer.from([0x22, entry.length]), entry]);
}

export const finalResponseEntry = { yes: entryOf(true), no: entryOf(false) } as const;
