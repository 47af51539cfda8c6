// A page of text as a scanner would give it, in a font that comes from npm, so that it is the same on every machine.
import { createRequire } from 'node:module';
import sharp from 'sharp';

const require = createRequire(import.meta.url);
const fontfile = require.resolve('@expo-google-fonts/lato/400Regular/Lato_400Regular.ttf');
const margin = 50;

/** A PNG of the lines, black on white, 24 pixels high. */
export async function drawPage(lines: readonly string[]): Promise<Buffer> {
  const text = { text: lines.join('\n'), font: 'Lato 24', fontfile, dpi: 72, rgba: true, spacing: 20 };
  const input = await sharp({ text }).png().toBuffer();
  const { width, height } = await sharp(input).metadata();
  const page = { width: width + 2 * margin, height: height + 2 * margin, channels: 3, background: '#ffffff' } as const;
  return sharp({ create: page })
    .composite([{ input, left: margin, top: margin }])
    .png()
    .toBuffer();
}
