// A model whose streams do as they are told (streaming-worker.ts), and calls of it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerateResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/GenerateResponse';
import type { Dialled, CallLimits } from './dial.ts';
import { type OpenedStream, openStream } from './open-stream.ts';

export const videoPath = '/weft.vision.v1.VisionService/AnalyzeVideo';
const generatePath = '/weft.nlp.v1.NlpService/Generate';

/** `config`: more lines of its configuration. */
export async function writeStreamingModel(repository: string, name: string, config = ''): Promise<void> {
  await mkdir(join(repository, name, '1'), { recursive: true });
  const tensors = ['input', 'output']
    .map((kind) => `${kind} { name: "x" data_type: TYPE_FP32 dims: [ 1 ] }`)
    .join('\n');
  const task = 'parameters { key: "weft.task" value { string_value: "streams" } }';
  await writeFile(join(repository, name, 'config.pbtxt'), `backend: "identity"\n${tensors}\n${task}\n${config}\n`);
}

export function generate(
  client: Dialled,
  prompt: string,
  { model = 'm', ...limits }: CallLimits & { readonly model?: string } = {},
): OpenedStream<GenerateResponse__Output> {
  const call = openStream<GenerateResponse__Output>(client, generatePath, limits);
  call.send({ model, prompt });
  call.end();
  return call;
}
