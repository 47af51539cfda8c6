// From the file that a configuration names to one that the backend may open: a TensorFlow.js layers model for onnxruntime
// is converted once and kept by its digest; an ONNX model is checked for weights that lie outside its folder, before a
// native library follows their paths.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { readModelFileInterface } from '@weft/convert/read-model-interface';
import { WeftError } from '@weft/errors';
import type { BackendName } from '@weft/models';

/** Path of the file to open. Throws INVALID_ARGUMENT for a model that refers to files outside its folder or cannot be converted. */
export async function readyModelFile(file: string, backend: BackendName, cacheDirectory: string): Promise<string> {
  if (backend !== 'onnxruntime') return file;
  if (file.endsWith('.json')) return convertedModel(file, join(cacheDirectory, 'converted'));
  checkExternalData(file);
  return file;
}

async function convertedModel(file: string, directory: string): Promise<string> {
  const converted = join(directory, `${digestOf(file)}.onnx`);
  if (existsSync(converted)) return converted;
  const { convertLayersModel } = await import('@weft/convert');
  const { onnx } = await convertLayersModel(file);
  mkdirSync(directory, { recursive: true });
  // Several instances may convert at once: each writes a file of its own, and the rename is atomic.
  const unfinished = `${converted}.${process.pid}.${performance.now()}`;
  writeFileSync(unfinished, onnx);
  renameSync(unfinished, converted);
  return converted;
}

/** Of the model and of its weights, wherever they lie; to be changed when conversion gives another result. */
function digestOf(file: string): string {
  const digest = createHash('sha256').update(converterVersion).update(readFileSync(file));
  for (const shard of shardsOf(file)) if (existsSync(shard)) digest.update(readFileSync(shard));
  return digest.digest('hex');
}

const converterVersion = '1';

function shardsOf(file: string): string[] {
  try {
    const { weightsManifest = [] } = JSON.parse(readFileSync(file, 'utf8')) as {
      weightsManifest?: { paths: string[] }[];
    };
    return weightsManifest.flatMap(({ paths }) => paths.map((path) => join(dirname(file), path)));
  } catch {
    // The converter says what is wrong with a file that is no model.
    return [];
  }
}

function checkExternalData(file: string): void {
  const folder = realpathSync(dirname(file));
  for (const location of readModelFileInterface(file).externalLocations) {
    const target = resolve(folder, location);
    const inside = location !== '' && existsSync(target) && realpathSync(target).startsWith(folder + sep);
    if (!inside)
      throw new WeftError(
        'INVALID_ARGUMENT',
        `${basename(file)} keeps weights in '${location}', which is no file in its folder`,
      );
  }
}
