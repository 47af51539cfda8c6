// Reads a page: finds the pieces of text, reads each in the ways in which it may run, learns from what reads well which
// way the page runs, and reads that way what was not yet (a lone digit tells nothing of its direction). Wherever a model
// runs, the lines of all pages of a batch run together.
import type { Point, Quad, RgbImage } from '@weft/image';
import type { BatchItem } from '@weft/runtime';
import type { Tensor } from '@weft/tensor';
import { chooseReadings, type Reading, readingsToAdd } from './choose-readings.ts';
import type { ReadLetter } from './ctc-decode.ts';
import { cutLine } from './cut-line.ts';
import { isDoubtful, lineText, mergeReadings } from './line-reading.ts';
import { readingOrder, textDirection } from './reading-order.ts';
import type { TextDetector } from './text-detector.ts';
import { turnedQuad } from './text-quads.ts';
import type { LineOrientation, TextRecognizer } from './text-recognizer.ts';

export interface ReadLine {
  readonly text: string;
  /** 0..1 */
  readonly score: number;
  /** Four corners, clockwise from the beginning of the text, inside the image. */
  readonly polygon: readonly Point[];
}

export interface PageReader {
  readonly detector: TextDetector;
  readonly orientation: LineOrientation;
  readonly recognizer: TextRecognizer;
  /** Lines with a lower score are no text that anyone could read. */
  readonly minScore: number;
}

/** One page while it is read. */
interface Page {
  readonly reader: PageReader;
  readonly image: RgbImage;
  readonly item: BatchItem;
}

interface Piece {
  readonly piece: number;
  readonly quad: Quad;
}

interface CutPiece extends Piece {
  readonly line: RgbImage;
}

/** The lines of an image in reading order. Rejects when nobody waits for the item any more. */
export async function readPage(reader: PageReader, image: RgbImage, item: BatchItem): Promise<ReadLine[]> {
  const page = { reader, image, item };
  const box = await reader.detector.prepare(image);
  const [map] = await item.infer(reader.detector, [box]);
  const found = reader.detector.read(map as Tensor, box);
  const pieces = await cut(
    image,
    found.flatMap(({ directions }, piece) => directions.map((quad) => ({ piece, quad }))),
  );
  const first = await readPieces(page, [...pieces, ...(await upsideDown(page, pieces))]);
  const direction = textDirection(chooseReadings(first, { x: 1, y: 0 }, reader.minScore).map(({ quad }) => quad));
  const added = await readPieces(page, await cut(image, readingsToAdd(first, direction)));
  const lines = chooseReadings([...first, ...added], direction, reader.minScore);
  return readingOrder(lines.map(({ quad }) => quad)).map((index) => {
    const { text, score, quad } = lines[index] as Reading;
    return { text, score, polygon: clipped(quad, image) };
  });
}

function cut(image: RgbImage, pieces: readonly Piece[]): Promise<CutPiece[]> {
  return Promise.all(pieces.map(async (piece) => ({ ...piece, line: await cutLine(image, piece.quad) })));
}

/** Those that look upside down, turned. */
async function upsideDown({ reader, image, item }: Page, pieces: readonly CutPiece[]): Promise<CutPiece[]> {
  const lines = pieces.map(({ line }) => line);
  const turned = await item.infer(reader.orientation, lines);
  return cut(
    image,
    pieces.filter((_, index) => turned[index]).map(({ piece, quad }) => ({ piece, quad: turnedQuad(quad, 2) })),
  );
}

/** Reads pieces; those that stay in doubt twice, the second time in their own proportions. */
async function readPieces({ reader, image, item }: Page, pieces: readonly CutPiece[]): Promise<Reading[]> {
  const lines = pieces.map(({ line }) => line);
  const letters: (readonly ReadLetter[])[] = await item.infer(reader.recognizer, lines);
  const doubtful = [...pieces.keys()].filter((index) => isDoubtful(letters[index] as ReadLetter[]));
  const again = await Promise.all(doubtful.map((index) => cutLine(image, (pieces[index] as CutPiece).quad, 1)));
  for (const [position, second] of (await item.infer(reader.recognizer, again)).entries()) {
    const index = doubtful[position] as number;
    letters[index] = mergeReadings(letters[index] as ReadLetter[], second);
  }
  return pieces.map(({ piece, quad }, index) => ({ piece, quad, ...lineText(letters[index] as ReadLetter[]) }));
}

function clipped(quad: Quad, { width, height }: RgbImage): Point[] {
  return quad.map(({ x, y }) => ({ x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) }));
}
