// Boxes with their texts, drawn into an image for people to look at. Texts need a font on the machine; boxes do not.
import { decodeEncodedImage } from './decode-image.ts';
import { openImage } from './encode-image.ts';

export interface Mark {
  /** In pixels of the upright image. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly text: string;
  /** Equal numbers get equal colours. */
  readonly colour: number;
}

const jpegQuality = 88;
/** Of a bold letter, as a share of the font's size: so a text beside the right edge is moved into the image. */
const letterWidth = 0.65;

/** The image file's picture with the marks in it, as a JPEG file. Throws INVALID_ARGUMENT for what is no image. */
export async function drawMarks(bytes: Uint8Array, marks: readonly Mark[]): Promise<Buffer> {
  const image = await decodeEncodedImage(bytes, 'image', { maxImagePixels: Number.MAX_SAFE_INTEGER });
  const drawing = Buffer.from(svgOf(image, marks));
  return openImage(image)
    .composite([{ input: drawing }])
    .jpeg({ quality: jpegQuality })
    .toBuffer();
}

function svgOf(size: { readonly width: number; readonly height: number }, marks: readonly Mark[]): string {
  const { width, height } = size;
  const stroke = Math.max(1, Math.round(Math.max(width, height) / 320));
  const font = Math.max(10, Math.round(Math.max(width, height) / 50));
  const drawn = marks.map(({ box, points, text, colour: number }) => {
    const colour = colourOf(number);
    // Above the box, or inside it where that would be outside of the image.
    const base = box.y >= font * 1.3 ? box.y - font * 0.3 : box.y + font;
    const left = Math.max(0, Math.min(box.x, width - text.length * font * letterWidth));
    const label = `<text x="${left}" y="${base}" font-family="sans-serif" font-size="${font}" font-weight="bold" fill="${colour}" stroke="black" stroke-width="${font / 6}" paint-order="stroke">${escaped(text)}</text>`;
    const dots = points.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="${stroke * 1.5}" fill="${colour}"/>`);
    const { x, y } = box;
    const frame = `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>`;
    return [frame, ...dots, label].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`;
}

/** Neighbouring numbers lie far apart on the colour wheel. */
function colourOf(number: number): string {
  return `hsl(${Math.round(number * 137.5) % 360}, 90%, 55%)`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
