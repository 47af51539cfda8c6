// What is asked of the default models: a request as a client would send it, and whether an answer is one.
import { rpcMethod } from '@weft/rpc';
import { drawPage } from './draw-page.ts';

export interface RealCase {
  readonly name: string;
  /** What is counted: `texts`. One for each request. */
  readonly unit: string;
  /** Module in children/ of the service that answers. */
  readonly service: 'nlp' | 'vision' | 'generator';
  readonly path: string;
  readonly payload: Buffer;
  /** Requests in flight, beside one at a time. */
  readonly together: number;
  readonly rounds: number;
  /** Of a round one at a time, and of one together. */
  readonly aloneMs: number;
  readonly togetherMs: number;
  /** Throws when the answer is none. */
  readonly check: (answer: Uint8Array) => void;
}

const sentence = 'The committee will meet again in spring to decide how the remaining money should be spent.';
const lines = [
  'Minutes of the meeting of 14 March',
  'The roof of the old library leaks again.',
  'Two offers have come in; a third is missing.',
  'The repair should cost no more than 12,400.',
  'Until then the books stay in the cellar.',
  'Next meeting: 11 April at half past seven.',
];
const side = 64;

/** A gradient with edges: what an upscaling network gets does not change its time. */
const pixels = Buffer.from(
  Uint8Array.from({ length: side * side * 3 }, (_, at) => (((at / 3) % side) * 3 + (at % 24 < 12 ? 60 : 0)) % 256),
);

export async function realCases(): Promise<RealCase[]> {
  const page = await drawPage(lines);
  return [
    {
      name: 'Embed, use-lite',
      unit: 'texts',
      service: 'nlp',
      ...typed<{ embeddings: { values: number[] }[] }>(
        '/weft.nlp.v1.NlpService/Embed',
        { texts: [sentence] },
        ({ embeddings }) => embeddings[0]?.values.length === 512,
      ),
      together: 64,
      rounds: 7,
      aloneMs: 2500,
      togetherMs: 2500,
    },
    {
      name: 'ReadText, pp-ocr',
      unit: 'pages',
      service: 'vision',
      ...typed<{ lines: { text: string }[] }>(
        '/weft.vision.v1.VisionService/ReadText',
        { image: { encoded: page } },
        (answer) => answer.lines.length === lines.length && answer.lines[0]?.text === lines[0],
      ),
      together: 8,
      rounds: 3,
      aloneMs: 5000,
      togetherMs: 8000,
    },
    {
      name: 'Upscale, rrdn-gan',
      unit: 'images',
      service: 'generator',
      ...typed<{ scale: number; image: { encoded: Buffer } }>(
        '/weft.generator.v1.GeneratorService/Upscale',
        { image: { raw: { width: side, height: side, channels: 3, pixels } } },
        ({ scale, image }) => scale === 4 && image.encoded.length > 0,
      ),
      together: 8,
      rounds: 3,
      aloneMs: 4000,
      togetherMs: 5000,
    },
  ];
}

function typed<Response>(
  path: string,
  request: object,
  isRight: (response: Response) => boolean,
): Pick<RealCase, 'path' | 'payload' | 'check'> {
  const method = rpcMethod(path);
  const check = (answer: Uint8Array): void => {
    const response = method.decodeResponse(Buffer.from(answer)) as Response;
    if (!isRight(response)) throw new Error(`${path} gave a wrong answer: ${JSON.stringify(response).slice(0, 500)}`);
  };
  return { path, payload: method.encodeRequest(request), check };
}
