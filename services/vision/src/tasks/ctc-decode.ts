// Greedy decoding of connectionist temporal classification (Graves et al., 2006): at each step the likeliest class;
// repeats count once, unless a blank stands between them; blanks go.

export interface DecodedText {
  readonly text: string;
  /** Mean of the probabilities of the letters; 0 without letters. */
  readonly score: number;
}

/** One line from `steps` × `classes` probabilities. Class 0 is the blank, class i is `letters[i − 1]`. */
export function decodeCtc(probabilities: Float32Array, letters: readonly string[]): DecodedText {
  const classes = letters.length + 1;
  let text = '';
  let sum = 0;
  let count = 0;
  let previous = 0;
  for (let step = 0; step + classes <= probabilities.length; step += classes) {
    let likeliest = 0;
    let probability = probabilities[step] as number;
    for (let candidate = 1; candidate < classes; candidate++) {
      const value = probabilities[step + candidate] as number;
      if (value > probability) {
        probability = value;
        likeliest = candidate;
      }
    }
    if (likeliest !== 0 && likeliest !== previous) {
      text += letters[likeliest - 1];
      sum += probability;
      count++;
    }
    previous = likeliest;
  }
  return { text, score: count === 0 ? 0 : sum / count };
}
