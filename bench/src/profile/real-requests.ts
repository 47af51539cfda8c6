// Encoded requests of one row each, for each typed method that answers one message with one message.
import { rpcMethod } from '@weft/rpc';
import { cutPictures, drawSymbols, readPhotos, renderPages } from './real-images.ts';
import { readPrograms, sentences } from './real-texts.ts';

/** Small, because a picture of them takes seconds on the largest models: what counts is how times grow with the batch. */
const picture = { width: 48, height: 32 };

const encodedImages = (images: readonly Buffer[]): object[] => images.map((encoded) => ({ image: { encoded } }));

const requestsOf: Readonly<Record<string, () => Promise<readonly object[]>>> = {
  '/weft.nlp.v1.NlpService/Embed': async () => sentences.map((text) => ({ texts: [text] })),
  '/weft.nlp.v1.NlpService/Classify': async () => (await readPrograms()).map((text) => ({ texts: [text] })),
  '/weft.vision.v1.VisionService/Detect': async () => encodedImages(await readPhotos()),
  '/weft.vision.v1.VisionService/ReadText': async () => encodedImages(await renderPages(4)),
  '/weft.vision.v1.VisionService/Classify': async () => encodedImages(await drawSymbols()),
  '/weft.generator.v1.GeneratorService/Upscale': async () =>
    (await cutPictures(picture.width, picture.height)).map((image) => ({ image })),
};

export interface RealRequests {
  readonly method: string;
  /** To be taken in turns. */
  readonly payloads: readonly Buffer[];
}

/** Requests for the first of the methods that there are any for; undefined when there are none. */
export async function realRequests(methods: readonly string[]): Promise<RealRequests | undefined> {
  const method = methods.find((path) => Object.hasOwn(requestsOf, path));
  const requests = method === undefined ? undefined : await requestsOf[method]?.();
  if (method === undefined || requests === undefined) return undefined;
  return { method, payloads: requests.map((request) => rpcMethod(method).encodeRequest(request)) };
}
