// Greedy decoding of connectionist temporal classification (Graves et al., 2006): at each step the likeliest class;
// repeats count once, unless a blank stands between them; blanks go. Spaces are the exception: a gap between words looks
// much like the blank between letters, so how probable one was is kept for each letter, and line-reading.ts decides.

export interface ReadLetter {
  readonly letter: string;
  /** At the step where the letter came up. */
  readonly probability: number;
  /** The highest probability of a space since the letter before. */
  readonly space: number;
}

/** The letters, spaces left out, of `steps` × `classes` probabilities. Class 0 is the blank, class i is `letters[i − 1]`. */
export function decodeCtc(probabilities: Float32Array, letters: readonly string[]): ReadLetter[] {
  const classes = letters.length + 1;
  const spaceClass = letters.indexOf(' ') + 1;
  const read: ReadLetter[] = [];
  let previous = 0;
  let space = 0;
  for (let step = 0; step + classes <= probabilities.length; step += classes) {
    const likeliest = likeliestClass(probabilities, step, classes);
    if (likeliest === 0 || likeliest === spaceClass) {
      if (spaceClass !== 0) space = Math.max(space, probabilities[step + spaceClass] as number);
    } else if (likeliest !== previous) {
      read.push({
        letter: letters[likeliest - 1] as string,
        probability: probabilities[step + likeliest] as number,
        space,
      });
      space = 0;
    }
    previous = likeliest;
  }
  return read;
}

function likeliestClass(probabilities: Float32Array, step: number, classes: number): number {
  let likeliest = 0;
  let probability = probabilities[step] as number;
  for (let candidate = 1; candidate < classes; candidate++) {
    const value = probabilities[step + candidate] as number;
    if (value > probability) {
      probability = value;
      likeliest = candidate;
    }
  }
  return likeliest;
}
