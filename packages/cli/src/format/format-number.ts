// Numbers as people read them.

export function formatScore(score: number): string {
  return score.toFixed(3);
}

/** A coordinate in pixels. */
export function formatPixels(value: number): string {
  return String(Math.round(value));
}

export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const segmenter = new Intl.Segmenter();

/** A text in one line of at most `width` characters as people count them. */
export function shorten(text: string, width: number): string {
  const line = text.trim().replace(/\s+/g, ' ');
  const characters = Array.from(segmenter.segment(line), ({ segment }) => segment);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
