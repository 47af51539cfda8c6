// A ModelInferResponse as an HTTP answer: a JSON head, and behind it the raw bytes of those outputs that the client wants as binary
// data, which are never copied.
import { WeftError } from '@weft/errors';
import type { InferParameter__Output } from '@weft/rpc/messages/inference/InferParameter';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { rpcMethod } from '@weft/rpc/protos';
import type { OutputWish } from './infer-plan.ts';
import { type RawOutput, writeElements } from './write-elements.ts';

interface AnsweredOutput extends RawOutput {
  readonly parameters: Readonly<Record<string, InferParameter__Output>>;
  readonly form: 'binary' | 'json' | 'shared memory';
}

export interface InferAnswer {
  readonly message: ModelInferResponse__Output;
  readonly outputs: readonly AnsweredOutput[];
}

const method = rpcMethod('/inference.GRPCInferenceService/ModelInfer');

/** Shares memory with the payload. */
export function readInferAnswer(payload: Buffer, wish: OutputWish): InferAnswer {
  const message = method.decodeResponse(payload) as ModelInferResponse__Output;
  const contents = message.rawOutputContents.values();
  const outputs = message.outputs.map(({ name, datatype, shape, parameters }): AnsweredOutput => {
    const described = { name, datatype, shape: shape.map(Number), parameters };
    if ('shared_memory_region' in parameters) return { ...described, raw: Buffer.alloc(0), form: 'shared memory' };
    const { value: raw, done } = contents.next();
    if (done === true) throw new WeftError('DATA_LOSS', `output '${name}' came without contents`);
    return { ...described, raw: raw as Buffer, form: (wish.byName.get(name) ?? wish.all) ? 'binary' : 'json' };
  });
  return { message, outputs };
}

/** How many bytes must become text. */
export function bytesToWrite({ outputs }: InferAnswer): number {
  return outputs.reduce((sum, { form, raw }) => sum + (form === 'json' ? raw.length : 0), 0);
}

/** What follows the JSON; undefined where no output is binary: then the answer has no such part, not an empty one. */
export function binaryPart({ outputs }: InferAnswer): Buffer[] | undefined {
  const binary = outputs.filter(({ form }) => form === 'binary');
  return binary.length === 0 ? undefined : binary.map(({ raw }) => raw);
}

export function writeInferJson({ message, outputs }: InferAnswer): Buffer {
  const { id, modelName, modelVersion, parameters } = message;
  const head = JSON.stringify({
    ...(id === '' ? {} : { id }),
    model_name: modelName,
    model_version: modelVersion,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: plain(parameters) }),
  });
  const items = outputs.map(writeOutput).join(',');
  return Buffer.from(`${head.slice(0, -1)},"outputs":[${items}]}`);
}

function writeOutput(output: AnsweredOutput): string {
  const { name, datatype, shape, raw, form } = output;
  const parameters = {
    ...plain(output.parameters),
    ...(form === 'binary' ? { binary_data_size: raw.length } : {}),
  };
  const head = JSON.stringify({
    name,
    datatype,
    shape,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  });
  return form === 'json' ? `${head.slice(0, -1)},"data":[${writeElements(output)}]}` : head;
}

function plain(parameters: Readonly<Record<string, InferParameter__Output>>): object {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      parameter.parameterChoice === undefined ? null : parameter[parameter.parameterChoice],
    ]),
  );
}
