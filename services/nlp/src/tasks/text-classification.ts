// The task `text-classification`: Classify with a model that takes strings and gives, for each, a probability per class
// beside the classes' ids, as TensorFlow's classifiers do. The default model tells programming languages apart.
import { invalidArgument } from '@weft/errors';
import {
  type BackendModel,
  batchwise,
  inferOwn,
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
import { languageName } from './language-names.ts';
import { planRuns } from './plan-runs.ts';

const defaultTopK = 5;
/** The model looks at the first 10,000 pairs of neighbouring bytes; what lies behind only costs time. */
const maxCharacters = 10_001;
const warmupText = 'export function area(width: number, height: number): number {\n  return width * height;\n}\n';

export async function textClassification(context: TaskContext): Promise<Task> {
  const model = await context.openModel();
  const classifier = await createClassifier(model, context.maxRows(model));
  const names = classifier.classes.map(languageName);
  const classify = batchwise(
    '/weft.nlp.v1.NlpService/Classify',
    async ({ texts, topK }: ClassifyRequest__Output, item): Promise<ClassifyResponse> => {
      checkTexts('texts', texts, context.limits);
      const scores = await item.infer(classifier, texts.map(classifierText));
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

/** The model was trained on Unix line ends. */
function classifierText(text: string): string {
  return text
    .slice(0, 2 * maxCharacters)
    .replaceAll('\r\n', '\n')
    .slice(0, maxCharacters);
}

interface Classifier extends RowModel<string, Float32Array> {
  /** In the order of the scores. */
  readonly classes: readonly string[];
}

async function createClassifier(model: BackendModel, maxRows: number): Promise<Classifier> {
  const input = named('input', model.inputs, 'BYTES');
  const scores = named('output', model.outputs, 'FP32');
  const classes = named('output', model.outputs, 'BYTES');
  const { [classes]: ids } = await model.run({ [input]: stringTensor([1], [warmupText]) }, [classes]);
  return {
    classes: stringElements(ids as Tensor),
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
