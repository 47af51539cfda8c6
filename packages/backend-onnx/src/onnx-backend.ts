// The backend `onnxruntime`: ONNX models on onnxruntime-node. Its calls block the thread for as long as they take, so
// it belongs into a worker. What it decides itself: which execution provider a session gets (create-session.ts) and
// what it lets through to the runtime, which accepts more than it should (onnx-backend-model.ts).
import { access, constants, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { WeftError } from '@weft/errors';
import type { Backend } from '@weft/runtime';
import { createSession } from './create-session.ts';
import { createOnnxModel } from './onnx-backend-model.ts';

export const onnxBackend: Backend = {
  name: 'onnxruntime',
  async load(path, options) {
    await refuseUnreadable(path);
    const { session, placement } = await createSession(path, options);
    try {
      return createOnnxModel(session, placement);
    } catch (error) {
      await session.release();
      throw error;
    }
  },
};

async function refuseUnreadable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isFile()) return;
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `the model file ${basename(path)} cannot be read`, { cause });
  }
  throw new WeftError('INVALID_ARGUMENT', `the model file ${basename(path)} is no file`);
}
