// For tests: the admin service of a router, small but true to its contract, over real gRPC. Replicas settle at once, each
// with the problem that the test gives it; what the mesh should serve is kept in memory.
import { type Server, status, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import { loadProtos } from '@weft/rpc';
import type { DesiredModel__Output } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { Outcome } from '@weft/rpc/messages/weft/router/v1/Outcome';
import type { ReplicaProfile } from '@weft/rpc/messages/weft/router/v1/ReplicaProfile';
import type { SetRolloutRequest__Output } from '@weft/rpc/messages/weft/router/v1/SetRolloutRequest';
import type { WatchModelsResponse } from '@weft/rpc/messages/weft/router/v1/WatchModelsResponse';
import { applyRollout, type FakeModel, modelStatus } from './fake-models.ts';
import { type PushStream, receivePush } from './fake-push.ts';
import { Refusal } from './fake-router.ts';

export interface FakeReplica {
  readonly id: string;
  /** Why it fails at whatever it is asked next; undefined: it does not. */
  problem?: string | undefined;
}

type Unary<Request> = (
  call: ServerUnaryCall<Request, object>,
  reply: (error: object | null, response?: object) => void,
) => void;

export class FakeAdmin {
  readonly models = new Map<string, FakeModel>();
  /** Files by digest. */
  readonly stored = new Map<string, Buffer>();
  readonly replicas: FakeReplica[] = [{ id: 'r1' }, { id: 'r2' }];
  readonly requests: object[] = [];
  /** By model. */
  readonly profiles = new Map<string, ReplicaProfile[]>();
  eventLogProblem = '';
  revision = 0;
  /** Called with each piece; what it throws ends the push, and a promise holds it up. */
  onPiece: (storedBytes: number) => void | Promise<void> = () => {};
  /** Called between an event and the replicas' answers. */
  onPublished: () => void | Promise<void> = () => {};
  readonly #watchers = new Set<ServerWritableStream<object, WatchModelsResponse>>();

  register(server: Server): void {
    const entry = loadProtos()['weft.router.v1.Admin'];
    if (entry === undefined || 'format' in entry) throw new TypeError('no admin service');
    server.addService(entry, {
      Push: (stream: PushStream) => void this.#push(stream),
      SetRollout: this.#unary((request: SetRolloutRequest__Output) => {
        const model = this.#known(request.name);
        applyRollout(model, request);
        return { model: model.desired, outcome: this.publish(model) };
      }),
      LoadModel: this.#unary(({ name }: { name: string }) => this.#setUnloaded(name, false)),
      UnloadModel: this.#unary(({ name }: { name: string }) => this.#setUnloaded(name, true)),
      GetProfiles: this.#unary(({ name }: { name: string }) => {
        const profiles = this.profiles.get(name);
        if (profiles === undefined) throw new Refusal('NOT_FOUND', `Request for unknown model: '${name}' is not found`);
        return { profiles };
      }),
      WatchModels: (stream: ServerWritableStream<object, WatchModelsResponse>) => {
        this.#watchers.add(stream);
        stream.on('cancelled', () => this.#watchers.delete(stream));
        stream.write(this.#snapshot());
      },
    });
  }

  /** An event: what the replicas make of it, told to whoever watches. */
  publish(model: FakeModel): Outcome {
    model.revision = ++this.revision;
    for (const { id, problem } of this.replicas) {
      for (const { version } of model.desired.versions) {
        const known = model.states.get(version) ?? new Map<string, string>();
        if (known.get(id) !== 'READY') known.set(id, problem ?? 'READY');
        model.states.set(version, known);
      }
    }
    this.tell();
    return this.outcome(true);
  }

  outcome(settled: boolean): Outcome {
    const replicas = this.replicas.map(({ id, problem = '' }) => ({
      replicaId: id,
      endpoint: `${id}.test:8041`,
      settled,
      problem: settled ? problem : '',
    }));
    return { revision: this.revision, settled, replicas };
  }

  tell(): void {
    for (const watcher of this.#watchers) watcher.write(this.#snapshot());
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Ends every watch as a router does that goes away. */
  dropWatchers(): void {
    for (const watcher of this.#watchers)
      watcher.emit('error', { code: status.UNAVAILABLE, details: 'the router is stopping' });
    this.#watchers.clear();
  }

  #snapshot(): WatchModelsResponse {
    const models = [...this.models.values()].map((model) => modelStatus(model, this.replicas));
    return { models, eventLogProblem: this.eventLogProblem };
  }

  async #push(stream: PushStream): Promise<void> {
    try {
      await receivePush(this, stream);
      stream.end();
    } catch (thrown) {
      stream.emit('error', refusal(thrown));
    }
  }

  #setUnloaded(name: string, unloaded: boolean): object {
    const model = this.#known(name);
    model.desired.unloaded = unloaded;
    return { outcome: this.publish(model) };
  }

  #known(name: string): FakeModel & { desired: DesiredModel__Output } {
    const model = this.models.get(name);
    if (model === undefined) throw new Refusal('NOT_FOUND', `Request for unknown model: '${name}'`);
    return model;
  }

  #unary<Request extends object>(answer: (request: Request) => object): Unary<Request> {
    return ({ request }, reply) => {
      this.requests.push(request);
      try {
        reply(null, answer(request));
      } catch (thrown) {
        reply(refusal(thrown));
      }
    };
  }
}

function refusal(thrown: unknown): object {
  return thrown instanceof Refusal
    ? { code: status[thrown.code], details: thrown.message }
    : { code: status.UNKNOWN, details: String(thrown) };
}
