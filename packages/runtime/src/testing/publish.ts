// For tests: publishes events of the model `m` of the service `probe` as a router would.
import type { DesiredModel } from '@weft/rpc/messages/weft/models/v1/DesiredModel';
import type { DesiredVersion } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import { encodedEvent, type MemoryEventLog, pushedVersion } from '@weft/models/testing';
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';

export class Publisher {
  readonly #log: MemoryEventLog;
  /** Of the last event. */
  revision = 0;

  constructor(log: MemoryEventLog) {
    this.#log = log;
  }

  /** A version whose one file has this content, which tells the probe's backend what to do (probe-worker.ts). */
  async version(number: string, content: string, config: ModelConfig = {}): Promise<DesiredVersion> {
    const parameters = { 'weft.task': { stringValue: 'probe' } };
    const version = pushedVersion(number, content, { parameters, ...config });
    const [file] = version.files ?? [];
    const stored = { sha256: file?.sha256 ?? '', size: Number(file?.size) };
    await this.#log.artifacts.put(stored, piecesOf(content));
    return version;
  }

  async publish(model: DesiredModel): Promise<void> {
    this.revision = await this.#log.append({ model: 'm', bytes: encodedEvent(model), after: this.revision });
  }
}

async function* piecesOf(content: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(content);
}
