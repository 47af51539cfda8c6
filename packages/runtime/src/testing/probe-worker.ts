// For tests: the entry of a worker that runs the real instance loop over a backend and a task which do as they are told.
// The model's file name tells how loading goes; the texts of a Tokenize request tell how answering goes. What happens is
// reported, and waited for, on a broadcast channel that the threads of a process share.
import { appendFileSync, statSync } from 'node:fs';
import { BroadcastChannel } from 'node:worker_threads';
import { WeftError } from '@weft/errors';
import { float32Tensor } from '@weft/tensor';
import type { Backend } from '../backend.ts';
import { itemwise, type TaskFactory } from '../task.ts';
import { serveInstance } from '../worker/serve-instance.ts';

const reports = new BroadcastChannel('weft-probe');
reports.unref();
let proceed: () => void = () => {};
reports.onmessage = (event) => {
  if ((event as Record<'data', unknown>).data === 'go') proceed();
};

const spec = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 2] }) as const;

let cold = false;

/**
 * `broken`, `surprise` and `exit` fail, `cold` at its warm-up; what begins with `wait` waits, `stuck` blocks its thread for ever; a
 * path counts its loads in that file, and exits at all but the first; all others load.
 */
const backend: Backend = {
  name: 'probe',
  async load(path) {
    reports.postMessage(`loading ${path}`);
    if (path === 'broken') throw new WeftError('INVALID_ARGUMENT', 'the file is no model');
    if (path === 'surprise') throw new TypeError('something unforeseen');
    if (path === 'exit') process.exit(7);
    cold = path === 'cold';
    if (path.startsWith('wait')) await obey('wait');
    if (path === 'stuck') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (path.startsWith('/')) {
      appendFileSync(path, '.');
      if (statSync(path).size > 1) process.exit(7);
    }
    return {
      inputs: [spec('x')],
      outputs: [spec('y')],
      placement: { provider: 'probe', fallbackReason: '' },
      run: async ({ x }) => ({ y: x ?? float32Tensor([0, 2], new Float32Array(0)) }),
      unload: async () => reports.postMessage(`unloaded ${path}`),
    };
  },
};

const probe: TaskFactory = async (context) => {
  await context.openModel();
  return {
    async warmup() {
      if (cold) throw new WeftError('INVALID_ARGUMENT', 'the model refuses what it should take');
    },
    methods: [
      itemwise('/weft.nlp.v1.NlpService/Tokenize', async (request: { texts: string[] }) => {
        const [text = ''] = request.texts;
        reports.postMessage(`computing ${text}`);
        await obey(text);
        return { results: [{ pieces: [text] }] };
      }),
    ],
  };
};

async function obey(text: string): Promise<void> {
  if (text === 'throw') throw new TypeError('the secret cause');
  if (text === 'refuse') throw new WeftError('INVALID_ARGUMENT', 'texts[0] is refused');
  if (text === 'exit') process.exit(7);
  if (text === 'kill') process.kill(process.pid, 'SIGKILL');
  if (text.startsWith('wait')) await new Promise<void>((resolve) => (proceed = resolve));
}

serveInstance({ tasks: { probe }, backends: { tensorflowjs: async () => backend } });
