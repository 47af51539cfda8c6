// The task `text-classification`: Classify with a model that takes strings and gives, for each, a probability per class, and beside
// them the classes' ids, as TensorFlow's classifiers do, or not. Its settings:
//
//   weft.file.labels      a label a line, in the order of the scores; without it the ids are the labels
//   weft.max_characters   the model is given no more of a text; all of it unless set
import { invalidArgument } from '@weft/errors';
import {
  type BackendModel,
  batchwise,
  inferOwn,
  positiveParameter,
  readLabelFile,
  type RowModel,
  type Task,
  type TaskContext,
  topLabels,
} from '@weft/runtime';
import type { ClassifyRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/ClassifyRequest';
import type { ClassifyResponse } from '@weft/rpc/messages/weft/nlp/v1/ClassifyResponse';
import {
  type Datatype,
  float32Elements,
  stringElements,
  stringTensor,
  type Tensor,
  type TensorSpec,
} from '@weft/tensor';
import { checkTexts } from './check-texts.ts';
import { planRuns } from './plan-runs.ts';

const defaultTopK = 5;
const warmupText = 'export function area(width: number, height: number): number {\n  return width * height;\n}\n';

export async function textClassification(context: TaskContext): Promise<Task> {
  const model = await context.openModel();
  const classifier = createClassifier(model, context.maxRows(model));
  const names = await classNames(context, model, classifier);
  const maxCharacters = positiveParameter(context, 'max_characters', Number.POSITIVE_INFINITY);
  const classify = batchwise(
    '/weft.nlp.v1.NlpService/Classify',
    async ({ texts, topK }: ClassifyRequest__Output, item): Promise<ClassifyResponse> => {
      checkTexts('texts', texts, context.limits);
      const scores = await item.infer(
        classifier,
        texts.map((text) => beginning(text, maxCharacters)),
      );
      const count = topK === 0 ? defaultTopK : topK;
      return { results: scores.map((row) => ({ labels: topLabels(row, names, count) })) };
    },
  );
  return {
    methods: [classify],
    async warmup(rows) {
      await inferOwn(classify, new Array<object>(rows).fill({ texts: [warmupText], topK: 0 }));
    },
  };
}

/** With Unix line ends, which models learn from. */
function beginning(text: string, maxCharacters: number): string {
  return text
    .slice(0, 2 * maxCharacters)
    .replaceAll('\r\n', '\n')
    .slice(0, maxCharacters);
}

/** A row for each text: the score of each class. */
type Classifier = RowModel<string, Float32Array>;

/** In the order of the scores. */
async function classNames(
  context: Pick<TaskContext, 'parameter' | 'file'>,
  model: BackendModel,
  classifier: Classifier,
): Promise<readonly string[]> {
  const [scores] = await classifier.infer([warmupText]);
  const labelled = context.parameter('file.labels') !== undefined;
  const names = labelled ? readLabelFile(context.file('labels')) : await ownNames(model);
  const classes = scores?.length ?? 0;
  if (names.length === classes) return names;
  throw invalidArgument(`weft.file.labels: expected ${classes} labels, got ${names.length}`);
}

/** What the model itself calls its classes. */
async function ownNames(model: BackendModel): Promise<readonly string[]> {
  const output = model.outputs.find(({ datatype }) => datatype === 'BYTES')?.name;
  if (output === undefined) throw invalidArgument('weft.file.labels: a model that does not name its classes needs it');
  const input = named('input', model.inputs, 'BYTES');
  const { [output]: ids } = await model.run({ [input]: stringTensor([1], [warmupText]) }, [output]);
  return stringElements(ids as Tensor);
}

function createClassifier(model: BackendModel, maxRows: number): Classifier {
  const input = named('input', model.inputs, 'BYTES');
  const scores = named('output', model.outputs, 'FP32');
  return {
    plan: (texts) => planRuns(new Array<number>(texts.length).fill(1), { perRun: 1, maxRunSize: maxRows, maxRows }),
    async infer(texts) {
      const { [scores]: found } = await model.run({ [input]: stringTensor([texts.length], texts) }, [scores]);
      const elements = float32Elements(found as Tensor);
      const width = elements.length / texts.length;
      return Array.from(texts, (_, row) => elements.subarray(row * width, (row + 1) * width));
    },
  };
}

function named(kind: string, specs: readonly TensorSpec[], datatype: Datatype): string {
  const spec = specs.find((candidate) => candidate.datatype === datatype);
  if (spec === undefined)
    throw invalidArgument(`a text classifier has an ${kind} of datatype ${datatype}; this model has none`);
  return spec.name;
}
