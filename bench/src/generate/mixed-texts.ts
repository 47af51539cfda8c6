// Requests as a service has them: prompts of a word and of a page, a line or two pages wanted, the likeliest token or a drawn one. Texts
// that begin, grow and end together are the easiest case of a batch: none is padded for another, and all of them join in one step.

const page = [
  'My fellow citizens, the state of the Union depends on the work of each of you, and on the trust that you place in the laws of this land.',
  'In the last year the Congress has passed many acts for the good of the people, and the departments have carried them out with care.',
  'The revenue of the Government has been enough for its wants, the debt has been made smaller, and peace has been kept with all nations.',
  'There is still much to do. The roads and harbors need repair, the schools need teachers, and the farmers ask for a fair price.',
].join(' ');
const prompts = ['The', 'The Congress of the United States has', page.slice(0, 300), page];
const lengths = [20, 50, 100, 150, 200];
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
