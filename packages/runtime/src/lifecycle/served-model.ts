// The versions of one model, brought from what is there to what is wanted. A version is loaded beside those that serve, and
// only when one that is wanted is READY do those go that are not: whatever fails, nothing that serves is given up for it. After
// a restart nothing serves yet: when all that is wanted fails then, an older version takes its place, as before the restart.
import {
  type ModelFolder,
  nothingWanted,
  type PushedVersion,
  type WantedModel,
  type WantedVersion,
} from '@weft/models';
import type { ModelVersion as ModelVersionMessage } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { ModelVersion } from '../executor/model-version.ts';
import { type Loading, ServedVersion } from './served-version.ts';

/** Hears which versions take batches. */
export interface ServingEvents {
  onServe(version: ModelVersion): void;
  /** It has answered what it had, and takes nothing any more. */
  onRetired(version: ModelVersion): void;
  /** What the model tells of itself has changed. */
  onChange(): void;
}

export class ServedModel {
  readonly name: string;
  readonly #loading: Loading;
  readonly #events: ServingEvents;
  #wanted: WantedModel = nothingWanted;
  /** The newest first, and of the same number the one that came last. */
  #entries: ServedVersion[] = [];
  /** Those that wait for their sequences. */
  readonly #finishing = new Set<ServedVersion>();
  #everServed = false;
  #stopped = false;

  constructor(name: string, loading: Loading, events: ServingEvents) {
    this.name = name;
    this.#loading = loading;
    this.#events = events;
  }

  /** Tries again what has failed, too. */
  want(wanted: WantedModel): void {
    this.#wanted = wanted;
    for (const version of wanted.versions) this.#keepOrLoad(version);
    for (const entry of this.#present()) {
      entry.superseded = !wanted.versions.some((version) => isFor(entry, version));
      // What has not begun to serve is not waited for.
      if (entry.superseded && entry.phase !== 'ready') this.#remove(entry);
    }
    this.#settle();
  }

  /** It has done what is wanted, or failed to. */
  get settled(): boolean {
    const leaving = this.#wanted.versions.length === 0 && this.#entries.length > 0;
    return !leaving && this.#present().every(({ phase }) => phase !== 'loading');
  }

  /** Why it is not served as it should be; undefined when it is. */
  get problem(): string | undefined {
    const failures = this.#asked().flatMap(({ phase, reason }) => (phase === 'failed' ? [reason] : []));
    const problems = this.#wanted.problem === undefined ? failures : [this.#wanted.problem, ...failures];
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  /** Requests for it fail though they should not: it never served here, or its instances died. A load that fails later does not count. */
  get failing(): boolean {
    if (this.#wanted.dismissed || this.#entries.some(({ serving }) => serving)) return false;
    return !this.#everServed || this.#present().some(({ crashed }) => crashed);
  }

  describe(): ModelVersionMessage[] {
    const told = new Map<string, ServedVersion>();
    // One entry for each number: what serves hides what is to take its place, and what has taken its place hides what leaves.
    for (const entry of this.#entries) {
      const other = told.get(entry.wanted.version);
      if (other === undefined || rank(entry) < rank(other)) told.set(entry.wanted.version, entry);
    }
    const numbers = new Set(this.#wanted.versions.map(({ version }) => version));
    const versions = [...told.values()].map((entry) => ({
      ...entry.describe(),
      superseded: !numbers.has(entry.wanted.version),
    }));
    if (versions.length > 0 || this.#wanted.dismissed || this.#wanted.problem === undefined) return versions;
    const reason = this.#wanted.problem;
    return [{ name: this.name, version: '', state: 'MODEL_STATE_UNAVAILABLE', reason }];
  }

  /** Versions that were placed from pushed files and are still there. */
  get pushed(): PushedVersion[] {
    return this.#entries.flatMap(({ wanted: { model, origin } }) =>
      origin.kind === 'pushed' ? [{ model, service: origin.service, version: origin.version }] : [],
    );
  }

  /** Where the files of its versions lie; undefined while that is not known of all of them. */
  get folders(): ModelFolder[] | undefined {
    if (this.#entries.some(({ placing }) => placing)) return undefined;
    return this.#entries.flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  }

  /** Resolves when everything is finished and freed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#entries.map((entry) => entry.leave()));
  }

  #present(): ServedVersion[] {
    return this.#entries.filter(({ phase }) => phase !== 'leaving');
  }

  #asked(): ServedVersion[] {
    return this.#present().filter(({ superseded }) => !superseded);
  }

  #keepOrLoad(version: WantedVersion): void {
    const same = this.#present().find((entry) => isFor(entry, version));
    if (same !== undefined) {
      same.retry(version);
      return;
    }
    this.#load(version);
  }

  #load(version: WantedVersion): ServedVersion {
    const entry = new ServedVersion(version, this.#loading, {
      onReady: (ready) => this.#ready(ready),
      onChange: () => this.#settle(),
    });
    this.#entries = [entry, ...this.#entries].sort((a, b) => Number(b.wanted.version) - Number(a.wanted.version));
    return entry;
  }

  /** When nothing serves, and nothing that is wanted can: the newest of the rest is tried, then the next. */
  #fallBack(): void {
    const { versions, fallbacks } = this.#wanted;
    const present = this.#present();
    if (this.#stopped || versions.length === 0 || present.some(({ phase }) => phase !== 'failed')) return;
    const next = fallbacks.find((version) => !present.some((entry) => isFor(entry, version)));
    if (next !== undefined) this.#load(next).superseded = true;
  }

  #ready(entry: ServedVersion): void {
    this.#everServed = true;
    // Credits are told apart by number and instance: the old ones are taken back before new ones are given.
    for (const old of this.#present())
      if (old !== entry && old.wanted.version === entry.wanted.version) this.#remove(old);
    if (entry.version !== undefined) this.#events.onServe(entry.version);
    this.#settle();
  }

  /** Lets those go that have been replaced. */
  #settle(): void {
    for (const old of this.#present()) if (this.#dispensable(old)) this.#finish(old);
    this.#fallBack();
    this.#events.onChange();
  }

  /** Others have taken its place. One whose own number is loaded anew waits for that. */
  #dispensable({ superseded, phase, wanted }: ServedVersion): boolean {
    if (!superseded || phase === 'leaving') return false;
    const asked = this.#asked();
    if (asked.length === 0) return this.#wanted.versions.length === 0;
    if (asked.some((one) => one.wanted.version === wanted.version)) return false;
    return asked.some(({ serving }) => serving) && asked.every((one) => one.phase !== 'loading');
  }

  /** Its sequences end where they began, for as long as that takes; those that begin now do so on what has taken its place. */
  #finish(entry: ServedVersion): void {
    const unloaded = this.#wanted.versions.length === 0;
    if (!unloaded && this.#finishing.has(entry)) return;
    const over = unloaded ? undefined : entry.sequencesOver();
    if (over === undefined) {
      this.#remove(entry);
      return;
    }
    this.#finishing.add(entry);
    void over.then(() => {
      this.#finishing.delete(entry);
      if (this.#dispensable(entry)) this.#remove(entry);
    });
  }

  #remove(entry: ServedVersion): void {
    const left = entry.leave();
    const forget = (): void => {
      this.#entries = this.#entries.filter((other) => other !== entry);
      if (entry.version !== undefined) this.#events.onRetired(entry.version);
      this.#events.onChange();
    };
    if (entry.version === undefined) forget();
    else void left.then(forget);
  }
}

function isFor({ wanted }: ServedVersion, { version, identity }: WantedVersion): boolean {
  return wanted.version === version && wanted.identity === identity;
}

/** The lower is told rather than the higher. */
function rank({ serving, phase }: ServedVersion): number {
  return serving ? 0 : { ready: 1, loading: 2, failed: 3, leaving: 4 }[phase];
}
