// Requests as a service has them: prompts of a word and of a sentence, a line or a paragraph wanted, the likeliest token or a drawn one; at most 128 tokens in all. Texts
// that begin, grow and end together are the easiest case of a batch: none is padded for another, and all of them join in one step.

const sentence =
  'My fellow citizens, the state of the Union depends on the work of each of you, and on the trust that you place in its laws.';
const prompts = ['The', 'The Congress of the United States has', sentence.slice(0, 60), sentence];
const lengths = [20, 40, 60, 80, 90];
const temperatures = [0, 0.7, 1];

export interface TextRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed: number;
}

/** Between the first numbers of two writers: prime to the mixture, so that no two write alike at the same time. */
export const numbersOfWriter = 1009;

/** The same for the same number. Any 60 numbers in a row have each prompt with each length and temperature. */
export function mixedRequest(number: number): TextRequest {
  const of = <T>(all: readonly T[]): T => all[number % all.length] as T;
  return { prompt: of(prompts), maxTokens: of(lengths), temperature: of(temperatures), topP: 0.95, seed: number };
}
