// weft convert: a TensorFlow.js layers model into ONNX. Needs no running mesh.
import type { Command } from 'commander';
import { formatSize } from '../format/format-number.ts';
import { writeLocalFile } from '../input/read-local-file.ts';
import { wholeNumber } from '../parse-number.ts';
import { startProgress } from '../progress.ts';
import { report } from '../report.ts';
import type { Shell } from '../shell.ts';

interface Interface {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export function addConvert(program: Command, shell: Shell): void {
  const command = program
    .command('convert <model.json> <out.onnx>')
    .summary('convert a TensorFlow.js layers model to ONNX')
    .description(
      'Converts a TensorFlow.js layers model (model.json and the weights beside it) to an ONNX file that computes the same.',
    )
    .option('--opset <n>', "version of ONNX's operators (17 to 21)", wholeNumber(17))
    .addHelpText('after', '\nExample:\n  weft convert my-model/model.json my-model.onnx');
  command.action(async (source: string, target: string, flags: { opset?: number }) => {
    const { convertLayersModel } = await import('@weft/convert');
    const progress = startProgress(shell, `converting ${source}`);
    const { onnx, inputs, outputs } = await convertLayersModel(source, flags).finally(() => progress.done());
    await writeLocalFile(target, onnx);
    const size = formatSize(onnx.length);
    report(shell, command, {
      json: { file: target, bytes: onnx.length, inputs, outputs },
      text: `${target}: ${size}, ${inputs.map(formatInterface).join(', ')} → ${outputs.map(formatInterface).join(', ')}`,
    });
  });
}

function formatInterface({ name, datatype, shape }: Interface): string {
  return `${name} ${datatype} [${shape.join(', ')}]`;
}
