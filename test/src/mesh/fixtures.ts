// Real input for a real mesh: an invoice, rendered with a font from npm, and a photo.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

const locate = createRequire(import.meta.url);
const font = locate.resolve('@expo-google-fonts/lato/400Regular/Lato_400Regular.ttf');

/** A photo of a dog, 752×500. */
export const dogPhoto = join(dirname(locate.resolve('jquery-colorbox/package.json')), 'content/daisy.jpg');

export const invoiceLines = [
  'Invoice 2026-0417',
  'Meridian Instruments Ltd',
  'Date: 14 March 2026',
  'Microscope slides, 50 pcs',
  'Quantity 4 at 12.50',
  'Delivery by courier',
  'Total due: 62.35 EUR',
  'Please pay within 30 days',
];

/** Writes the invoice as a PNG, each line where a printer would put it. */
export async function renderInvoice(file: string): Promise<void> {
  const lines = await Promise.all(
    invoiceLines.map(async (text, index) => {
      const input = await sharp({ text: { text, font: 'Lato', fontfile: font, dpi: 180, rgba: true } })
        .png()
        .toBuffer();
      return { input, left: 60, top: 50 + index * 70 };
    }),
  );
  await sharp({ create: { width: 900, height: 640, channels: 3, background: 'white' } })
    .composite(lines)
    .png()
    .toFile(file);
}
