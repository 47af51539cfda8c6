// One request to an ensemble, from its tensors to the response. A step is submitted as a call of its own as soon as all that it
// reads is there, so steps that do not need each other run side by side, and each is batched with those of other requests. The first
// that fails ends the others. A tensor is held until its last reader has it.
import { refusal, toWeftError, WeftError } from '@weft/errors';
import type { Ensemble, EnsembleStep } from '@weft/models';
import {
  checkInputs,
  checkOutputs,
  type GivenRequest,
  type RawTensor,
  rawContents,
  readInferRequest,
  readInferResponse,
  type TensorHead,
  writeInferResponse,
} from '@weft/rpc/wire';
import type { Span, Tracing } from '@weft/telemetry';
import type { Answer, Call } from '../lanes/pending-call.ts';
import type { Submit, Submitted } from '../engine/submit.ts';
import { planRun, type RunPlan } from './plan-run.ts';
import { addTimes, noTimes } from './step-times.ts';
import { type Spliced, type StepRequest, stepRequestSize, writeStepRequest } from './splice.ts';

export interface EnsembleRunOptions {
  readonly ensemble: Ensemble;
  /** Of the ensemble. */
  readonly version: string;
  /** Takes the steps' calls. */
  readonly submit: Submit;
  readonly tracing: Tracing;
  /** Of each message that is made. */
  readonly maxMessageBytes: number;
}

/** Throws INVALID_ARGUMENT for a request that does not fit the ensemble, or why a first step cannot be served. */
export function runEnsemble(call: Call, options: EnsembleRunOptions): Submitted {
  const request = readInferRequest(call.payload);
  const heads: Record<string, TensorHead> = Object.create(null) as Record<string, TensorHead>;
  for (const input of request.inputs) heads[input.name] = input;
  checkInputs(options.ensemble, heads);
  checkOutputs(options.ensemble, request.outputs);
  const run = new EnsembleRun(call, request, options);
  run.start();
  return run;
}

interface Running {
  readonly span: Span | undefined;
  /** Undefined until it is admitted. */
  submitted: Submitted | undefined;
}

class EnsembleRun implements Submitted {
  readonly #options: EnsembleRunOptions;
  /** The client's, without its payload, whose tensors are let go one by one, and without what was drawn of the ensemble. */
  readonly #call: Call;
  readonly #request: Pick<GivenRequest, 'id' | 'parameters'>;
  readonly #plan: RunPlan;
  readonly #readers: Map<string, number>;
  readonly #tensors = new Map<string, Spliced>();
  /** Optional inputs that the client left out. */
  readonly #absent = new Set<string>();
  readonly #waiting: Set<EnsembleStep>;
  readonly #running = new Map<EnsembleStep, Running>();
  #times = noTimes;
  #answered = 0;
  #starting = true;
  #failure: WeftError | undefined;
  #over = false;

  constructor(call: Call, { id, parameters, inputs, outputs }: GivenRequest, options: EnsembleRunOptions) {
    this.#options = options;
    const { drawn: _drawn, ...rest } = call;
    this.#call = { ...rest, payload: nothing };
    this.#request = { id, parameters };
    this.#plan = planRun(options.ensemble, outputs);
    this.#readers = new Map(this.#plan.readers);
    this.#waiting = new Set(this.#plan.steps);
    for (const { name } of options.ensemble.inputs) {
      const given = inputs.find((input) => input.name === name);
      if (given === undefined) this.#absent.add(name);
      else if (this.#readers.has(name))
        this.#tensors.set(name, { datatype: given.datatype, shape: given.shape, raw: rawContents(given) });
    }
  }

  start(): void {
    this.#advance();
    this.#starting = false;
    if (this.#failure !== undefined) throw this.#failure;
  }

  cancel(): ReturnType<Submitted['cancel']> {
    if (this.#over) return undefined;
    const places = this.#end(new WeftError('CANCELLED', 'the client cancelled, or its deadline passed'));
    return this.#answered > 0 || places.includes('sent') ? 'sent' : 'queued';
  }

  #advance(): void {
    for (const step of [...this.#waiting]) {
      const here = step.inputs.every(({ tensor }) => this.#tensors.has(tensor) || this.#absent.has(tensor));
      // One that is answered at once may have sent others meanwhile.
      if (!here || !this.#waiting.delete(step)) continue;
      this.#send(step);
      if (this.#over) return;
    }
    if (this.#waiting.size === 0 && this.#running.size === 0) this.#finish();
  }

  #send(step: EnsembleStep): void {
    const { submit, tracing, ensemble } = this.#options;
    const { traceparent: parent } = this.#call;
    const { model, version, title } = step;
    const attributes = { 'weft.model': model, 'weft.ensemble': ensemble.model };
    const span = tracing.enabled ? tracing.start(`ensemble ${title}`, parent, { attributes }) : undefined;
    const running: Running = { span, submitted: undefined };
    this.#running.set(step, running);
    try {
      const { payload, rows } = this.#message(step);
      const traceparent = span?.traceparent ?? parent;
      const settle = (answer: Answer): void => this.#hear(step, answer);
      running.submitted = submit({ ...this.#call, model, version, payload, rows, traceparent, settle });
    } catch (thrown) {
      this.#hear(step, { error: toWeftError(thrown) });
    }
  }

  #message({ model, version, inputs: wires, outputs }: EnsembleStep): { payload: Buffer; rows: number } {
    const inputs = wires.flatMap(({ name, tensor }) => this.#taken(tensor, name));
    const asked = outputs.filter(({ tensor }) => this.#plan.readers.has(tensor)).map(({ name }) => name);
    const request: StepRequest = { model, version, ...this.#request, inputs, outputs: asked };
    const size = this.#allowed(stepRequestSize(request));
    return { payload: writeStepRequest(request, size), rows: Math.max(1, inputs[0]?.shape[0] ?? 1) };
  }

  /** A tensor for one of its readers, under its own name for it; none when the client left it out. */
  #taken(tensor: string, name: string): RawTensor[] {
    const found = this.#tensors.get(tensor);
    if (found === undefined) return [];
    const left = (this.#readers.get(tensor) ?? 1) - 1;
    this.#readers.set(tensor, left);
    if (left === 0) this.#tensors.delete(tensor);
    return [{ name, ...found }];
  }

  #hear(step: EnsembleStep, answer: Answer): void {
    if (this.#over) return;
    const span = this.#running.get(step)?.span;
    this.#running.delete(step);
    this.#answered += 1;
    try {
      if ('error' in answer) throw answer.error;
      this.#times = addTimes(this.#times, answer.times);
      this.#keepOutputs(step, answer.payload);
    } catch (thrown) {
      const error = toWeftError(thrown);
      span?.end(error);
      this.#fail(told(error, `in ensemble '${this.#options.ensemble.model}', ${step.title}: `));
      return;
    }
    span?.end();
    this.#advance();
  }

  #keepOutputs({ outputs }: EnsembleStep, payload: Uint8Array): void {
    const given = readInferResponse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
    for (const { name, tensor } of outputs) {
      if (!this.#readers.has(tensor)) continue;
      const found = given.find((output) => output.name === name);
      if (found === undefined) throw new WeftError('INTERNAL', `its answer has no output '${name}'`);
      this.#tensors.set(tensor, { datatype: found.datatype, shape: found.shape, raw: found.raw });
    }
  }

  #finish(): void {
    try {
      const outputs = this.#plan.outputs.flatMap((name) => this.#taken(name, name));
      const { ensemble, version } = this.#options;
      this.#allowed(outputs.reduce((size, { raw }) => size + raw.length, 0));
      const payload = writeInferResponse({ model: ensemble.model, version, id: this.#request.id, outputs });
      this.#over = true;
      this.#call.settle({ payload, times: this.#times });
    } catch (thrown) {
      this.#fail(toWeftError(thrown));
    }
  }

  /** The size of a message, which is bounded whoever makes it. */
  #allowed(bytes: number): number {
    const { maxMessageBytes } = this.#options;
    if (bytes <= maxMessageBytes) return bytes;
    throw new WeftError(
      'RESOURCE_EXHAUSTED',
      `a message of ${bytes} bytes is larger than the limit of ${maxMessageBytes}`,
    );
  }

  #fail(error: WeftError): void {
    this.#end(new WeftError('CANCELLED', 'another step of the ensemble failed'));
    // Nobody has heard of this call yet: who submits it is told.
    if (this.#starting) this.#failure = error;
    else this.#call.settle({ error });
  }

  /** Ends what runs, and tells where it was. */
  #end(reason: WeftError): ReturnType<Submitted['cancel']>[] {
    this.#over = true;
    const running = [...this.#running.values()];
    this.#running.clear();
    this.#waiting.clear();
    this.#tensors.clear();
    return running.map(({ span, submitted }) => {
      span?.end(reason);
      return submitted?.cancel();
    });
  }
}

const nothing = Buffer.alloc(0);

/** The same error, with where it happened before its text. */
function told({ code, message, cause, retryAfterMs, requestId }: WeftError, where: string): WeftError {
  return refusal(code, where + message, {
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
