// Which inputs of a model may be padded, so that requests of different lengths share a run, and which outputs are then
// cut back. The configuration says it, because only a person knows that a model ignores padding:
//
//   weft.pad.<input>    the value to pad with; the free dimensions of that input behind the rows are padded
//   weft.cut.<output>   the padded input whose free dimensions the output's follow, or `none`. Not needed where the model
//                       names its dimensions and the output's bear the names of padded ones.
import { invalidArgument } from '@weft/errors';
import type { Datatype, Element, TensorSpec } from '@weft/tensor';
import { parseElement } from './parse-element.ts';

export interface Padding {
  readonly inputs: ReadonlyMap<string, PaddedInput>;
  /** Only outputs that are cut. */
  readonly outputs: ReadonlyMap<string, readonly CutAxis[]>;
}

export interface PaddedInput {
  /** Axes of the tensor; 0 is the rows and never among them. */
  readonly axes: readonly number[];
  readonly fill: Element;
}

/** An axis of an output, and the axes of inputs as long as which it is: one of them, where inputs may be left out. */
export interface CutAxis {
  readonly axis: number;
  readonly sources: readonly InputAxis[];
}

export interface InputAxis {
  readonly input: string;
  readonly inputAxis: number;
}

export interface PaddingSource {
  /** Shapes begin with the rows. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** The values of `weft.pad.*` and `weft.cut.*` by tensor. */
  readonly pad: Readonly<Record<string, string>>;
  readonly cut: Readonly<Record<string, string>>;
  readonly batches: boolean;
}

const uncut = 'none';

/** Throws INVALID_ARGUMENT for a configuration that cannot be meant, or that leaves open which outputs to cut. */
export function readPadding({ inputs, outputs, pad, cut, batches }: PaddingSource): Padding {
  const padded = new Map<string, PaddedInput>();
  for (const [name, value] of Object.entries(pad)) {
    const spec = found(inputs, `weft.pad.${name}`, name);
    if (!batches) throw invalidArgument(`weft.pad.${name}: the model does not batch; set max_batch_size`);
    const axes = freeAxes(spec);
    if (axes.length === 0) throw invalidArgument(`weft.pad.${name}: the input has no free dimension behind its rows`);
    padded.set(name, { axes, fill: readFill(`weft.pad.${name}`, spec.datatype, value) });
  }
  for (const name of Object.keys(cut)) found(outputs, `weft.cut.${name}`, name);
  const cuts = new Map<string, readonly CutAxis[]>();
  if (padded.size === 0) return { inputs: padded, outputs: cuts };
  const named = namedAxes(inputs, padded);
  for (const output of outputs) {
    const axes = cutAxes(output, { follows: cut[output.name], padded, named });
    if (axes.length > 0) cuts.set(output.name, axes);
  }
  return { inputs: padded, outputs: cuts };
}

function found(specs: readonly TensorSpec[], parameter: string, name: string): TensorSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  throw invalidArgument(`${parameter}: the model has ${specs.map((each) => `'${each.name}'`).join(', ')}`);
}

function freeAxes({ shape }: TensorSpec): number[] {
  return [...shape.keys()].filter((axis) => axis > 0 && shape[axis] === -1);
}

/** The padded axes that have a name, by it. */
function namedAxes(
  inputs: readonly TensorSpec[],
  padded: ReadonlyMap<string, PaddedInput>,
): ReadonlyMap<string, readonly InputAxis[]> {
  const named = new Map<string, InputAxis[]>();
  for (const { name: input, dimensionNames = [] } of inputs) {
    for (const inputAxis of padded.get(input)?.axes ?? []) {
      const name = dimensionNames[inputAxis] ?? '';
      if (name !== '') named.set(name, [...(named.get(name) ?? []), { input, inputAxis }]);
    }
  }
  return named;
}

function cutAxes(
  output: TensorSpec,
  {
    follows,
    padded,
    named,
  }: {
    readonly follows: string | undefined;
    readonly padded: ReadonlyMap<string, PaddedInput>;
    readonly named: ReadonlyMap<string, readonly InputAxis[]>;
  },
): CutAxis[] {
  const { name, shape, dimensionNames = [] } = output;
  if (follows === uncut) return [];
  if (follows === undefined) {
    if (shape.length === 0) throw unclear(name, 'its shape is not known');
    return freeAxes(output).map((axis) => {
      const sources = named.get(dimensionNames[axis] ?? '');
      if (sources === undefined) throw unclear(name, `its dimension ${axis} is free`);
      return { axis, sources };
    });
  }
  const source = padded.get(follows);
  if (source === undefined) throw invalidArgument(`weft.cut.${name}: '${follows}' is no input with weft.pad`);
  const axes = freeAxes(output);
  const single = source.axes.length === 1;
  if (axes.length === 0 || !(single || axes.length === source.axes.length)) {
    throw invalidArgument(
      `weft.cut.${name}: the output has ${axes.length} free dimensions behind its rows, '${follows}' has ${source.axes.length}`,
    );
  }
  return axes.map((axis, index) => ({
    axis,
    sources: [{ input: follows, inputAxis: source.axes[single ? 0 : index] as number }],
  }));
}

function unclear(output: string, why: string): Error {
  return invalidArgument(
    `weft.cut.${output} is missing: some inputs are padded, and output '${output}' may be too (${why}). Name the input whose length it has, or '${uncut}'`,
  );
}

function readFill(parameter: string, datatype: Datatype, text: string): Element {
  const fill = parseElement(datatype, text.trim());
  if (fill === undefined) throw invalidArgument(`${parameter}: '${text}' is no value of ${datatype}`);
  return fill;
}
