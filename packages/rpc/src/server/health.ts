// grpc.health.v1: the empty name is the whole process, and each service and each model has its own. The process says what
// serves; this file answers Check, and keeps each Watch open with one message for every change.
import { WeftError } from '@weft/errors';
import type { HealthCheckRequest__Output } from '../gen/grpc/health/v1/HealthCheckRequest.ts';
import type { HealthCheckResponse } from '../gen/grpc/health/v1/HealthCheckResponse.ts';
import type { RpcServer } from './rpc-server.ts';

/** true: serving; false: not serving; undefined: no such name. */
export type ServingStatus = boolean | undefined;

export class Health {
  readonly #statusOf: (name: string) => ServingStatus;
  readonly #watchers = new Set<() => void>();
  #closed = false;

  /** `statusOf` is asked at each Check, and for each Watch after each `changed()`. */
  constructor(statusOf: (name: string) => ServingStatus) {
    this.#statusOf = statusOf;
  }

  register(server: RpcServer): void {
    server.unary<HealthCheckRequest__Output, HealthCheckResponse>('/grpc.health.v1.Health/Check', ({ service }) => {
      const serving = this.#statusOf(service);
      if (serving === undefined) throw new WeftError('NOT_FOUND', `unknown service '${service}'`);
      return { status: serving ? 'SERVING' : 'NOT_SERVING' };
    });
    server.serverStream<HealthCheckRequest__Output, HealthCheckResponse>(
      '/grpc.health.v1.Health/Watch',
      ({ service }, _context, signal) => this.#watch(service, signal),
    );
  }

  /** To be called when a status may have changed. */
  changed(): void {
    for (const wake of [...this.#watchers]) wake();
  }

  /** Ends every Watch once it has told the last change: a server that stops waits for its streams. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  async *#watch(name: string, signal: AbortSignal): AsyncIterable<HealthCheckResponse> {
    let last: ServingStatus | 'nothing yet' = 'nothing yet';
    while (!signal.aborted) {
      const serving = this.#statusOf(name);
      if (serving !== last) {
        last = serving;
        yield { status: serving === undefined ? 'SERVICE_UNKNOWN' : serving ? 'SERVING' : 'NOT_SERVING' };
      } else if (this.#closed) return;
      else await this.#change(signal);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#watchers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#watchers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
