// Sets text as an office program would, in a font that comes from npm, so that it looks the same on a machine without fonts.
import { createRequire } from 'node:module';
import sharp from 'sharp';

const require = createRequire(import.meta.url);
const fontfile = require.resolve('@expo-google-fonts/lato/400Regular/Lato_400Regular.ttf');

/** A row of a page: one text at the left margin, or several at their distances from the left. */
export type Row = string | readonly (readonly [left: number, text: string])[];

const margin = 50;

/** A white page with black rows of text; `size` is the font's in pixels. */
export async function renderPage(rows: readonly Row[], { width = 1000, size = 24 } = {}): Promise<Buffer> {
  const placed = [];
  for (const [index, row] of rows.entries()) {
    for (const [left, text] of typeof row === 'string' ? [[margin, row] as const] : row) {
      const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      const input = await sharp({ text: { text: markup, font: `Lato ${size}`, fontfile, dpi: 72, rgba: true } })
        .png()
        .toBuffer();
      placed.push({ input, left, top: Math.round(margin + index * size * 1.9) });
    }
  }
  const height = Math.round(2 * margin + rows.length * size * 1.9);
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite(placed)
    .png()
    .toBuffer();
}

/** The texts of the rows in reading order. */
export function textsOf(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => (typeof row === 'string' ? [row] : row.map(([, text]) => text)));
}
