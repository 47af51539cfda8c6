// Text generation as one would write it without a server: a sequence at a time, each run's cache the next run's, the greatest score
// wins. What a stream that is alone is compared with.
import type { BackendModel } from '@weft/runtime';
import { type Tensor, type TensorMap, float32Elements, int64Tensor } from '@weft/tensor';
import type { TextTokenizer } from '@weft/nlp/testing';

export interface PlainLoop {
  readonly model: BackendModel;
  readonly tokenizer: TextTokenizer;
  readonly endToken: number;
}

/** The text; `onText` hears of each token's part of it. */
export async function plainLoop(
  { model, tokenizer, endToken }: PlainLoop,
  { prompt, maxTokens }: { readonly prompt: string; readonly maxTokens: number },
  onText: (text: string) => void,
): Promise<number> {
  const caches = model.inputs.filter(({ name }) => name.startsWith('past_key_values.'));
  let fed = tokenizer.encode(prompt);
  let length = 0;
  let past: Record<string, Tensor> = Object.fromEntries(
    caches.map(({ name, shape: [, heads = 0, , width = 0] }) => [
      name,
      { datatype: 'FP32', shape: [1, heads, 0, width], elements: new Float32Array() },
    ]),
  );
  const tokens: number[] = [];
  let text = '';
  while (tokens.length < maxTokens) {
    const all = length + fed.length;
    const feeds: TensorMap = {
      input_ids: int64Tensor([1, fed.length], BigInt64Array.from(fed, BigInt)),
      attention_mask: int64Tensor([1, all], new BigInt64Array(all).fill(1n)),
      position_ids: int64Tensor(
        [1, fed.length],
        BigInt64Array.from(fed, (_, index) => BigInt(length + index)),
      ),
      ...past,
    };
    const outputs = await model.run(feeds);
    const scores = float32Elements(outputs['logits'] as Tensor);
    const token = greatest(scores.subarray(scores.length - scores.length / fed.length));
    if (token === endToken) break;
    tokens.push(token);
    // The last tokens alone: all of them would take longer with each.
    const more = tokenizer.decode(tokens.slice(-8));
    onText(more);
    text += more;
    past = Object.fromEntries(
      caches.map(({ name }) => [name, outputs[name.replace('past_key_values', 'present')] as Tensor]),
    );
    length = all;
    fed = [token];
    // So that the thread hears of other things, as a server must.
    await new Promise(setImmediate);
  }
  return text === '' ? 0 : tokens.length;
}

function greatest(scores: Float32Array): number {
  let best = 0;
  for (let token = 1; token < scores.length; token++)
    if ((scores[token] as number) > (scores[best] as number)) best = token;
  return best;
}
