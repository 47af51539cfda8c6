// The form of a text that a SentencePiece vocabulary is learned on: Unicode NFKC, words separated by one '▁', and one
// before the first word, so that a word has the same pieces wherever it stands. Control characters vanish; all blanks,
// the invisible ones and a '▁' of the text's own count as one space. See Kudo and Richardson, arXiv 1808.06226.

/** Stands for a space in pieces, and begins every word. */
export const wordMark = '▁';

const controls = /(?![\s\u0085])\p{Cc}/gu;
const blanks = /[\s\u0085\u200b\u200e\u200f\u2581]+/gu;

/** The words of a text, each behind its mark; '' when the text holds nothing but blanks and control characters. */
export function normalizeText(text: string): string {
  const words = text.replace(controls, '').normalize('NFKC').replace(blanks, ' ').trim();
  return words === '' ? '' : wordMark + words.replaceAll(' ', wordMark);
}
