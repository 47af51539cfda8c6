// Tells the drawing from what it is drawn on: dark on light or light on dark, on paper of any tone. The border shows the
// paper's tone; what differs from it by more than Otsu's threshold ("A Threshold Selection Method from Gray-Level
// Histograms", 1979) is ink.
import type { RgbImage } from '@weft/image';

/** Where the strongest ink differs less from the paper, of 255, nothing is drawn. */
const leastContrast = 32;

/** Row-major: 1 where there is ink. All 0 when nothing is drawn. */
export function inkMask(image: RgbImage): Uint8Array {
  const { contrast, strongest } = inkContrast(image);
  const threshold = strongest === 0 ? 255 : otsuThreshold(contrast);
  return contrast.map((value) => (value > threshold ? 1 : 0));
}

/** Row-major: how much each pixel differs from the paper, 0..255, and what the strongest ink does. All 0 when nothing is drawn. */
export function inkContrast(image: RgbImage): { readonly contrast: Uint8Array; readonly strongest: number } {
  const tones = toneOf(image);
  const paper = median(borderOf(tones, image.width, image.height));
  const contrast = tones.map((tone) => Math.abs(tone - paper));
  const strongest = contrast.reduce((most, value) => Math.max(most, value), 0);
  return strongest < leastContrast ? { contrast: contrast.fill(0), strongest: 0 } : { contrast, strongest };
}

/** Brightness 0..255 by the weights of ITU-R BT.601. */
function toneOf({ pixels }: RgbImage): Uint8Array {
  const tones = new Uint8Array(pixels.length / 3);
  for (let index = 0; index < tones.length; index++) {
    const [red, green, blue] = [pixels[index * 3], pixels[index * 3 + 1], pixels[index * 3 + 2]] as [
      number,
      number,
      number,
    ];
    tones[index] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return tones;
}

function borderOf(tones: Uint8Array, width: number, height: number): number[] {
  return [...tones].filter(
    (_, at) => at < width || at >= width * (height - 1) || at % width === 0 || at % width === width - 1,
  );
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** The value that splits the others into two groups that differ most: what is above belongs to the upper one. */
export function otsuThreshold(values: Uint8Array): number {
  const histogram = new Array<number>(256).fill(0);
  let total = 0;
  for (const value of values) {
    histogram[value] = (histogram[value] as number) + 1;
    total += value;
  }
  let best = { threshold: 0, variance: -1 };
  let count = 0;
  let sum = 0;
  for (let threshold = 0; threshold < 255; threshold++) {
    count += histogram[threshold] as number;
    sum += threshold * (histogram[threshold] as number);
    const above = values.length - count;
    if (count === 0 || above === 0) continue;
    const difference = sum / count - (total - sum) / above;
    const variance = count * above * difference * difference;
    if (variance > best.variance) best = { threshold, variance };
  }
  return best.threshold;
}
