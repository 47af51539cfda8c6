// Images as people send them: photographs of a camera, pages of an office, symbols drawn by hand, and small pictures to
// be enlarged. Photographs and the font come from npm packages.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cropImage, decodeEncodedImage, encodeImage, resizeImage } from '@weft/image';
import type { Image } from '@weft/rpc/messages/weft/vision/v1/Image';
import sharp from 'sharp';

const locate = createRequire(import.meta.url);
const outings = join(dirname(locate.resolve('jquery-colorbox/package.json')), 'content');
const parties = join(dirname(locate.resolve('@vladmandic/face-api/package.json')), 'demo');
const fontfile = locate.resolve('@expo-google-fonts/lato/400Regular/Lato_400Regular.ttf');

const photoFiles = [
  join(outings, 'daisy.jpg'),
  join(parties, 'sample1.jpg'),
  join(outings, 'marylou.jpg'),
  join(parties, 'sample3.jpg'),
  join(outings, 'ohoopee1.jpg'),
  join(parties, 'sample6.jpg'),
  join(outings, 'ohoopee2.jpg'),
  join(outings, 'ohoopee3.jpg'),
];

/** Eight photographs, some hundred pixels wide: dogs, horses, people. */
export function readPhotos(): Promise<Buffer[]> {
  return Promise.all(photoFiles.map((file) => readFile(file)));
}

const goods = [
  'Microscope slides',
  'Oscilloscope probe 100 MHz',
  'Soldering station, 80 watt',
  'Jumper wires, 120 pcs',
];
const page = { width: 900, height: 640, left: 60, top: 50, lineHeight: 70 };

/** Invoices of eight lines, all of one size, as a scanner gives them. */
export async function renderPages(count: number): Promise<Buffer[]> {
  const pages: Buffer[] = [];
  for (let number = 0; number < count; number++) {
    const texts = [
      `Invoice 2026-04${17 + number}`,
      'Meridian Instruments Ltd',
      `Date: ${1 + number} March 2026`,
      `${goods[number % goods.length]}, ${10 * (number + 1)} pcs`,
      `Quantity ${number + 2} at 12.50`,
      'Delivery by courier',
      `Total due: ${((number + 2) * 12.5).toFixed(2)} EUR`,
      'Please pay within 30 days',
    ];
    pages.push(await renderPage(texts));
  }
  return pages;
}

async function renderPage(texts: readonly string[]): Promise<Buffer> {
  const { width, height, left, top, lineHeight } = page;
  const lines = await Promise.all(
    texts.map(async (text, index) => ({
      input: await sharp({ text: { text, font: 'Lato', fontfile, dpi: 180, rgba: true } })
        .png()
        .toBuffer(),
      left,
      top: top + index * lineHeight,
    })),
  );
  return sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite(lines)
    .png()
    .toBuffer();
}

const strokes = [
  'M50,50 L70,30 L90,35 L95,50 L90,65 L70,70 L50,50 L30,30 L10,35 L5,50 L10,65 L30,70 L50,50',
  'M90,10 L10,10 L50,50 L10,90 L90,90',
  'M80,20 L60,70 L30,95 L8,70 L10,40 L30,18 L55,40 L70,80 L85,95',
  'M5,50 L95,50 M75,30 L95,50 L75,70',
];

/** Four symbols in ink on paper, 400 pixels wide. */
export function drawSymbols(): Promise<Buffer[]> {
  return Promise.all(
    strokes.map((path) => {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><rect width="100%" height="100%"
        fill="#f4f1e8"/><path transform="translate(60 60) scale(2.8)" d="${path}" fill="none" stroke="#203060"
        stroke-width="3"/></svg>`;
      return sharp(Buffer.from(svg)).jpeg().toBuffer();
    }),
  );
}

/** Parts of two photographs, both `width` × `height`, without loss. */
export async function cutPictures(width: number, height: number): Promise<Image[]> {
  const pictures: Image[] = [];
  for (const photo of (await readPhotos()).slice(0, 2)) {
    const whole = await decodeEncodedImage(photo, 'image', { maxImagePixels: 50_000_000 });
    const small = await resizeImage(whole, { width: 4 * width, height: 4 * height }, 'lanczos3');
    const part = cropImage(small, { x: width, y: height, width, height });
    pictures.push(await encodeImage(part, 'IMAGE_FORMAT_PNG'));
  }
  return pictures;
}
