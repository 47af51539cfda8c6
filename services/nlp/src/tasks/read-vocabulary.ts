// Reads a SentencePiece vocabulary in JSON: a list of [piece, score], where the position is the token's id and the score
// a log-probability, falling along the list. The first pieces, with score 0, are reserved: 0 is the unknown token, the
// others are control tokens that no text may spell. The published file of the Universal Sentence Encoder lite went through
// a tool that took some pieces for numbers: scores beside a colon are lost, and three quotation marks are garbled.
import { readFile } from 'node:fs/promises';
import { invalidArgument } from '@weft/errors';

export interface Vocabulary {
  readonly pieces: readonly string[];
  readonly scores: readonly number[];
  /** How many ids from 0 on are reserved. */
  readonly reserved: number;
}

/**
 * What the garbled pieces were. The model itself tells: their embeddings lie nearest to those of the same mark before a
 * straight quotation mark (cosines 0.83, 0.84 and 0.71).
 */
const garbled = '”5';
const restored: ReadonlyMap<number, string> = new Map([
  [230, ',”'],
  [238, '.”'],
  [4464, '?”'],
]);

/** Throws INVALID_ARGUMENT when the file is no such list. */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  let entries: unknown;
  try {
    entries = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw invalidVocabulary(path, cause);
  }
  if (!Array.isArray(entries) || !entries.every(isEntry)) throw invalidVocabulary(path);
  const reserved = entries.findIndex(([, score]) => score !== 0);
  if (reserved < 1) throw invalidVocabulary(path);
  return {
    pieces: entries.map(([piece], id) => (piece === garbled ? (restored.get(id) ?? piece) : piece)),
    scores: mendScores(
      entries.map(([, score]) => score),
      reserved,
    ),
    reserved,
  };
}

/** A score that is missing, or higher than the one before it, becomes the one before it: neighbours differ by 0.001. */
function mendScores(scores: readonly (number | null)[], reserved: number): number[] {
  let last = 0;
  return scores.map((score, id) => {
    if (id < reserved) return 0;
    if (score !== null && score <= last) last = score;
    return last;
  });
}

function isEntry(entry: unknown): entry is [string, number | null] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && (entry[1] === null || typeof entry[1] === 'number');
}

function invalidVocabulary(path: string, cause?: unknown): Error {
  const error = invalidArgument(
    `${path}: is no vocabulary: a JSON list of [piece, score] whose first entry, the unknown token, scores 0`,
  );
  error.cause = cause;
  return error;
}
