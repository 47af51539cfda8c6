// Sentences of a text by Unicode's rules (UAX 29, in Intl.Segmenter), with what those leave open: they break after "Dr."
// and at the end of every line. Here an abbreviation that never ends a sentence does not end one, and a single line break
// is a blank, as in Markdown, so that hard-wrapped text stays whole; an empty line or a list item does break.

export interface Sentence {
  /** Positions in the text, in UTF-16 units: from its first character to behind its last. */
  readonly start: number;
  readonly end: number;
  /** The sentence on one line: blanks in a row are one space. */
  readonly text: string;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

const listItem = /^\s*(?:[-+*•]|\d{1,3}[.)])\s/u;

/** Titles, references and initials, at the end of what may be a sentence. */
const openEnd =
  /(?:^|[\s("'“‘[])(?:Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|St|Mt|vs|cf|viz|approx|ca|e\.g|i\.e|al|No|Nos|Fig|Figs|Eq|Vol|Ch|Sec|pp?|\p{Lu})\.$/u;
const longestOpenEnd = 12;

/** Of speech that the narrator's own words may follow. */
const quotedEnd = /[!?]["'”’»]$/u;

const windowSize = 1024;

export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  const joined = joinLines(text);
  let start = 0;
  for (const { from, to } of segments(joined)) {
    if (to < text.length && isOpen(joined.slice(from, to), joined.slice(to, to + 2))) continue;
    const slice = text.slice(start, to);
    const words = slice.trim();
    if (words !== '') {
      const first = start + slice.length - slice.trimStart().length;
      sentences.push({ start: first, end: first + words.length, text: words.replace(/\s+/gu, ' ') });
    }
    start = to;
  }
  return sentences;
}

/** Segments by Unicode's rules, side by side. The segmenter's time grows with the square of the text, so it sees windows of it. */
function* segments(text: string): Generator<{ from: number; to: number }> {
  let size = windowSize;
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + size, text.length);
    const found = Array.from(segmenter.segment(text.slice(from, end)), ({ segment }) => segment.length);
    // The last segment of a window may go on behind it.
    if (end < text.length) found.pop();
    size = found.length === 0 ? size * 2 : windowSize;
    for (const length of found) {
      yield { from, to: from + length };
      from += length;
    }
  }
}

/** A text of the same length, with blanks for the line breaks that neither an empty line nor a list item stands beside. */
function joinLines(text: string): string {
  let joined = '';
  let lineBefore = '';
  for (const [index, line] of text.split('\n').entries()) {
    const goesOn = /\S/u.test(lineBefore) && /\S/u.test(line) && !listItem.test(line);
    if (index > 0) joined += goesOn ? `${lineBefore.replace(/\r$/u, ' ')} ` : `${lineBefore}\n`;
    lineBefore = line;
  }
  return joined + lineBefore;
}

/** True when the sentence goes on behind this segment. */
function isOpen(segment: string, next: string): boolean {
  if (/[\n\r\u2029]\s*$/u.test(segment)) return false;
  const end = segment.trimEnd().slice(-longestOpenEnd);
  return openEnd.test(end) || (quotedEnd.test(end) && /^\p{Ll}/u.test(next));
}
