// Routers and replicas of a sleeping model as processes on a network, each with its DNS record: the record comes when the process is
// ready and goes when it has ended, so that whoever asks hears of neither any sooner. As pods, none comes back to its address.
import { CredentialFolder } from '../testing/certificates.ts';
import { temporaryFolder } from '../testing/author-models.ts';
import { type Metrics, scrape } from '../testing/scrape.ts';
import { type SleepingModel, writeSleepingModel } from '../testing/sleeping-model.ts';
import { endProcess, type StartedProcess, startEntry, startProcess } from '../testing/start-process.ts';
import { wallMs } from '../testing/open-load.ts';
import { callEvent, callsIn, type SdkCall } from './load-line.ts';
import type { Network, Seat } from './network.ts';

type Kind = 'replica' | 'router';

export interface Member {
  readonly kind: Kind;
  readonly address: string;
  readonly started: StartedProcess;
  /** When its record came, by the wall clock. */
  readonly recordedMs: number;
  metrics(): Promise<Metrics>;
}

export interface SdkLoad {
  /** Those that are answered. */
  readonly calls: readonly SdkCall[];
  /** Resolves once a call is answered that was due so long from now. */
  goesOn(ms: number): Promise<void>;
  /** Resolves once this process has answered a call. */
  servedBy(pid: number): Promise<void>;
  /** All calls. */
  stop(): Promise<readonly SdkCall[]>;
}

interface LoadRate {
  readonly perSecond: number;
  /** As many as the SDK's default, if not said otherwise. */
  readonly retries?: number;
  /** Whether calls are spread over all routers, as they are by default. */
  readonly balanced?: boolean;
}

const names = { replica: 'replicas.weft.test', router: 'routers.weft.test' } as const;
const tokens = { client: 'token-of-the-client', router: 'token-of-the-router' } as const;

export class RollingMesh {
  readonly #network: Network;
  readonly #folder = temporaryFolder();
  readonly #files = new CredentialFolder(this.#folder.path);
  readonly #running = new Map<StartedProcess, Seat>();
  #members: readonly Member[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  /** Before anything else. */
  async prepare(model: SleepingModel): Promise<void> {
    await writeSleepingModel(this.#folder.path, model);
    for (const kind of ['replica', 'router'] as const) this.#record(kind);
    if (this.#network.loopback) return;
    await this.#files.issue('authority');
    for (const kind of ['replica', 'router'] as const) await this.#files.issue(kind, names[kind]);
    this.#files.write('executor-token', tokens.router);
    this.#files.writeTokens('tokens', [
      { name: 'client', token: tokens.client, roles: ['infer'] },
      { name: 'router', token: tokens.router, roles: ['executor', 'infer'] },
    ]);
  }

  members(kind: Kind): readonly Member[] {
    return this.#members.filter((member) => member.kind === kind);
  }

  /** Resolves when it is ready and recorded. */
  async add(kind: Kind): Promise<Member> {
    const seat = await this.#network.join();
    const place = { under: seat.under, env: {} };
    const started =
      kind === 'router'
        ? startProcess('router', [...this.#listen(kind, seat), ...this.#routing()], place)
        : startEntry(new URL('../testing/sleeping-service.js', import.meta.url), this.#serve(seat), place);
    this.#running.set(started, seat);
    const { metrics } = await started.logged(kind === 'router' ? 'router.listening' : 'service.listening');
    await started.logged('service.ready');
    const recordedMs = wallMs();
    const { address } = seat;
    const member = { kind, address, started, recordedMs, metrics: () => scrape(String(metrics)) };
    this.#members = [...this.#members, member];
    this.#record(kind);
    return member;
  }

  /** Its process ends by this signal, then its record goes, then its address. */
  async remove(member: Member, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    member.started.kill(signal);
    const ended = await member.started.ended;
    this.#forget(member);
    await this.#running.get(member.started)?.leave();
    this.#running.delete(member.started);
    return ended;
  }

  /** As when its machine loses its network: its address goes, its process runs on, and its record stays for so long. */
  async cutOff(member: Member, recorded: () => Promise<void>): Promise<void> {
    await this.#running.get(member.started)?.leave();
    await recorded();
    this.#forget(member);
  }

  /** From a process of its own. */
  async load({ perSecond, retries = 3, balanced = true }: LoadRate): Promise<SdkLoad> {
    const seat = await this.#network.join();
    const router = ['--router', `${balanced ? 'dns:///' : ''}${names.router}:${this.#network.port}`];
    const secret = this.#network.loopback ? [] : ['--ca', this.#files.file('authority.crt'), '--token', tokens.client];
    const args = [...router, '--per-second', String(perSecond), '--retries', String(retries), ...secret];
    const entry = new URL('./sdk-load.js', import.meta.url);
    const started = startEntry(entry, args, { under: seat.under, env: this.#network.resolving });
    this.#running.set(started, seat);
    return followLoad(started);
  }

  async close(): Promise<void> {
    for (const [started, seat] of this.#running) {
      await endProcess(started);
      await seat.leave();
    }
    this.#folder.remove();
  }

  #forget(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member);
    this.#record(member.kind);
  }

  #record(kind: Kind): void {
    const a = this.members(kind).map(({ address }) => address);
    this.#network.dns.set(names[kind], { a, ttlSeconds: 1 });
  }

  #listen(kind: Kind, { address }: Seat): string[] {
    const { port, loopback } = this.#network;
    const own = ['--bind', address, '--port', String(port), '--metrics-port', '0'];
    if (loopback) return own;
    const [cert, key] = [this.#files.file(`${kind}.crt`), this.#files.file(`${kind}.key`)];
    return [...own, '--tls-cert', cert, '--tls-key', key, '--token-file', this.#files.file('tokens')];
  }

  #routing(): string[] {
    const { dns, port, loopback } = this.#network;
    const kept = `${this.#folder.path}/router-${this.#running.size}-${this.#members.length}`;
    const endpoints = ['--endpoints', `dns:${names.replica}:${port}`, '--dns-server', dns.address];
    const own = ['--http-port', '0', '--data-directory', kept, ...endpoints];
    if (loopback) return own;
    const authority = this.#files.file('authority.crt');
    return [...own, '--executor-tls-ca', authority, '--executor-token-file', this.#files.file('executor-token')];
  }

  #serve(seat: Seat): string[] {
    const { path } = this.#folder;
    const models = ['--no-default-models', '--model-repository', path, '--data-directory', path];
    return [...this.#listen('replica', seat), ...models];
  }
}

function followLoad(started: StartedProcess): SdkLoad {
  const until = async (holds: (call: SdkCall) => boolean): Promise<void> => {
    await started.found((line) => line['event'] === callEvent && holds(line as unknown as SdkCall));
  };
  return {
    get calls() {
      return callsIn(started.lines);
    },
    goesOn(ms) {
      const instant = wallMs() + ms;
      return until(({ dueMs }) => dueMs >= instant);
    },
    servedBy: (pid) => until((call) => call.pid === pid),
    async stop() {
      started.kill('SIGTERM');
      await started.ended;
      return callsIn(started.lines);
    },
  };
}
