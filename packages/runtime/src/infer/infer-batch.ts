// ModelInfer for a batch of requests. Requests that can be joined run together, one of more rows than the model takes runs
// in several pieces (plan-joins.ts says how); each gets back its own rows, and only the outputs it asked for.
import { toWeftError, WeftError } from '@weft/errors';
import { type InferResponse, writeInferResponse } from '@weft/rpc/wire';
import { encodeRaw, joinRows, type Tensor, type TensorMap } from '@weft/tensor';
import type { ItemContext } from '../task.ts';
import type { BatchWork } from '../worker/batch-work.ts';
import type { Outcome } from '../worker/encode-results.ts';
import type { Instance } from '../worker/load-instance.ts';
import { checkedRequest } from './checked-request.ts';
import { classified } from './classification.ts';
import { decodeInferRequest, type InferRequest } from './infer-request.ts';
import type { SequenceStep } from './instance-sequences.ts';
import { type Piece, planJoins, rowsOf } from './plan-joins.ts';
import { runJoined } from './run-joined.ts';
import { stepOf } from './step-of.ts';
import { turn } from '../turn.ts';

/** A request on its way. */
interface Open {
  readonly request: InferRequest;
  /** The request's, and those that the server makes for a sequence. */
  readonly inputs: TensorMap;
  readonly step: SequenceStep | undefined;
  readonly context: ItemContext;
  readonly rows: number;
  /** What has been computed, by the row it begins with. */
  readonly parts: Map<number, TensorMap>;
  rowsDone: number;
  outcome: Outcome | undefined;
}

/** One outcome for each item. */
export async function inferBatch(instance: Instance, work: BatchWork): Promise<Outcome[]> {
  const { target, sequences } = instance;
  const outcomes: Outcome[] = [];
  const valid: { readonly index: number; readonly open: Open }[] = [];
  for (const [index, { payload, context, sequence }] of work.items.entries()) {
    try {
      const request = checkedRequest(decodeInferRequest(payload), target);
      const { inputs: given } = request;
      const step = sequences === undefined ? undefined : stepOf(sequences, { inputs: given, sequence }, target);
      const inputs = step === undefined ? given : { ...given, ...step.inputs };
      const open = { request, inputs, step, context, rows: rowsOf(inputs), parts: new Map(), rowsDone: 0 };
      valid.push({ index, open: { ...open, outcome: undefined } });
    } catch (thrown) {
      outcomes[index] = toWeftError(thrown);
    }
  }
  work.onDecoded();
  const requests = valid.map(({ open }) => open);
  const runs = planJoins(
    requests.map(({ inputs }) => inputs),
    target,
  );
  for (const [number, run] of runs.entries()) {
    // Lets the thread hear of cancellations that arrived during the run before.
    if (number > 0) await turn();
    await answerRun(instance, requests, { run, onExecuted: work.onExecuted });
  }
  for (const { index, open } of valid) outcomes[index] = open.outcome as Outcome;
  return outcomes;
}

/** When a joined run fails, nobody knows whose rows were the cause: each request runs again alone. */
async function answerRun(
  instance: Instance,
  requests: readonly Open[],
  { run, onExecuted }: { readonly run: readonly Piece[] } & Pick<BatchWork, 'onExecuted'>,
): Promise<void> {
  for (const { request } of run) failIfGone(requests[request] as Open);
  const pieces = run.filter(({ request }) => requests[request]?.outcome === undefined);
  const [first, ...others] = pieces;
  if (first === undefined) return;
  try {
    const outputs = await runPieces(instance, requests, pieces);
    onExecuted(instance.target.maxBatchSize === 0 ? 1 : pieces.reduce((sum, { rows }) => sum + rows, 0));
    for (const [index, piece] of pieces.entries())
      addPart(instance, requests[piece.request] as Open, { ...piece, outputs: outputs[index] as TensorMap });
  } catch (thrown) {
    if (others.length === 0) (requests[first.request] as Open).outcome = toWeftError(thrown);
    else {
      for (const piece of pieces) {
        await turn();
        await answerRun(instance, requests, { run: [piece], onExecuted });
      }
    }
  }
}

async function runPieces(
  { target, tensors, sequences }: Instance,
  requests: readonly Open[],
  pieces: readonly Piece[],
): Promise<TensorMap[]> {
  const asked = pieces.map((piece) => (requests[piece.request] as Open).request);
  const outputNames = asked.some(({ outputs }) => outputs.length === 0)
    ? undefined
    : [...new Set([...asked.flatMap(({ outputs }) => outputs), ...(sequences?.stateOutputs ?? [])])];
  const [first] = pieces as readonly [Piece];
  const { inputs } = requests[first.request] as Open;
  // A request that runs by itself and whole goes in as it is: its tensors need have no rows.
  if (target.ragged === undefined && pieces.length === 1 && first.rows === rowsOf(inputs))
    return [await tensors.run(inputs, outputNames)];
  const run = pieces.map(({ request, from, rows }) => ({
    inputs: (requests[request] as Open).inputs,
    from,
    rows,
  }));
  return runJoined(run, { target, tensors, outputNames });
}

function failIfGone(open: Open): void {
  if (open.outcome !== undefined) return;
  try {
    open.context.throwIfGone();
  } catch (thrown) {
    open.outcome = toWeftError(thrown);
  }
}

function addPart(instance: Instance, open: Open, { from, rows, outputs }: Piece & { outputs: TensorMap }): void {
  open.parts.set(from, outputs);
  open.rowsDone += rows;
  if (open.rowsDone < open.rows) return;
  try {
    const response = writeInferResponse(responseOf(instance, open));
    open.step?.commit(outputs);
    open.outcome = response;
  } catch (thrown) {
    open.outcome = toWeftError(thrown);
  }
}

function responseOf({ spec, target, labels }: Instance, { request, parts }: Open): InferResponse {
  const { model, version } = spec;
  const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, outputs]) => outputs);
  const names = request.outputs.length > 0 ? request.outputs : target.outputs.map((output) => output.name);
  const batches = target.maxBatchSize > 0;
  const outputs = names.map((name) => {
    const whole = joined(model, name, inOrder);
    const count = request.classes.get(name);
    const tensor = count === undefined ? whole : classified(whole, { count, labels: labels.get(name) ?? [], batches });
    return { name, datatype: tensor.datatype, shape: tensor.shape, raw: encodeRaw(tensor) };
  });
  return { model, version, id: request.id, outputs };
}

/** An output of all pieces, one behind the other. */
function joined(model: string, name: string, parts: readonly TensorMap[]): Tensor {
  const tensors = parts.map((part) => part[name] as Tensor) as [Tensor, ...Tensor[]];
  const sizes = new Set(tensors.map(({ shape }) => shape.slice(1).join('x')));
  if (sizes.size === 1) return joinRows(tensors);
  throw new WeftError(
    'INTERNAL',
    `model '${model}' gave output '${name}' different sizes in the runs of one request: ${[...sizes].join(', ')}`,
  );
}
