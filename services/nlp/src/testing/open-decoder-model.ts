// A model of text generation opened as an instance's worker opens it, but in this thread, and asked for texts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveArtifact, scanRepositories } from '@weft/models';
import type { GenerateRequest } from '@weft/rpc/messages/weft/nlp/v1/GenerateRequest';
import type { GenerateResponse } from '@weft/rpc/messages/weft/nlp/v1/GenerateResponse';
import type { StreamMethod, TaskMetrics } from '@weft/runtime';
import { openModel } from '@weft/runtime/testing';
import { catalogue } from '../catalogue.ts';

export interface WrittenText {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly generatedTokens: number;
  readonly pieces: readonly string[];
}

export interface OpenedDecoder {
  readonly method: StreamMethod;
  /** The responses as they come. */
  stream(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateResponse>;
  write(request: GenerateRequest): Promise<WrittenText>;
  /** Everything that its task has recorded of a metric, the counts of counters and gauges too. */
  recorded(metric: string): readonly number[];
  close(): Promise<void>;
}

/** Opens the model of this name in a model repository. */
export async function openDecoderModel(repository: string, name: string): Promise<OpenedDecoder> {
  const found = scanRepositories({ defaultRepository: undefined, repositories: [repository] }).find(
    (model) => model.name === name,
  );
  if (found === undefined) throw new Error(`no model ${name} in ${repository}`);
  const { config, directory } = found;
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'weft-model-'));
  const artifact = resolveArtifact({ config, directory }, '1', []);
  const records = new Map<string, number[]>();
  const opened = await openModel(catalogue, { config, artifact, cacheDirectory, metrics: recording(records) });
  const method = opened.instance.task?.streams?.[0];
  if (method === undefined) throw new Error(`${name} serves no stream`);
  const stream = (request: GenerateRequest, signal = new AbortController().signal): AsyncIterable<GenerateResponse> =>
    method.infer(only({ prompt: '', messages: [], maxTokens: 0, temperature: 0, topP: 0, stop: [], ...request }), {
      signal,
      tenant: '',
      throwIfGone: () => signal.throwIfAborted(),
    });
  return {
    method,
    stream,
    async write(request) {
      const responses: GenerateResponse[] = [];
      for await (const response of stream(request)) responses.push(response);
      const last = responses.at(-1);
      const pieces = responses.map(({ text }) => text ?? '');
      const { finishReason, generatedTokens = 0 } = last ?? {};
      return { text: pieces.join(''), finishReason: finishReason as string | undefined, generatedTokens, pieces };
    },
    recorded: (metric) => records.get(metric) ?? [],
    async close() {
      await opened.close();
      rmSync(cacheDirectory, { recursive: true });
    },
  };
}

function recording(records: Map<string, number[]>): TaskMetrics {
  const values = (name: string): number[] => {
    const kept = records.get(name) ?? [];
    records.set(name, kept);
    return kept;
  };
  const sum = (name: string) => ({ add: (amount: number) => void values(name).push(amount) });
  return {
    counter: sum,
    gauge: sum,
    histogram: (name) => ({ record: (value) => void values(name).push(value) }),
  };
}

async function* only(request: object): AsyncGenerator<object> {
  yield request;
}
