// weft infer: any model, tensors in and out.
import type { Command } from 'commander';
import { splitArgument } from '../input/split-argument.ts';
import { report } from '../report.ts';
import { addConnectionOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';

interface InferFlags {
  readonly input: string[];
  readonly output: string[];
  readonly request?: string;
}

const examples = `
Examples:
  weft infer my-model --input 'x=[[1, 2, 3, 4]]'
  weft infer my-model --input x=@features.npy --output probabilities
  weft infer my-model --request request.json

A request file is the Open Inference Protocol's JSON:
  {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}`;

export function addInfer(program: Command, shell: Shell): void {
  const command = program
    .command('infer <model>')
    .summary('send tensors through any model')
    .description(
      "Sends tensors through any model and prints what comes out. The model's metadata says the inputs' datatypes.\nA decoupled model has any number of responses: each is printed as it comes, with --json as a line of JSON.",
    )
    .option(
      '--input <name=value>',
      'an input: JSON, or @file with JSON or a NumPy array (.npy); one option for each',
      collect,
      [],
    )
    .option('--output <name>', 'only this output; may be repeated', collect, [])
    .option('--request <file>', 'request in JSON (- for stdin), instead of --input')
    .option('--model-version <version>', 'version of the model')
    .addHelpText('after', examples);
  addConnectionOptions(command).action(async (model: string, flags: InferFlags) => {
    if ((flags.input.length === 0) === (flags.request === undefined)) {
      throw usageError('give the inputs, with --input for each or with --request for all of them');
    }
    for (const input of flags.input) splitArgument(input);
    const { prepareInfer, inferResult } = await import('../input/infer-request.ts');
    const infer = await prepareInfer(shell, { ...flags, model });
    await withRouter(shell, command, async (asking) => {
      for await (const response of infer(asking)) {
        asking.progress.done();
        report(shell, command, inferResult(response));
      }
    });
  });
}

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}
