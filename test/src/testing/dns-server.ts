// A DNS server over UDP whose records a test changes as it goes: A, AAAA and SRV, and the troubles that servers have.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Question } from 'dns-packet';

export interface Records {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  /** Target and port. */
  readonly srv?: readonly (readonly [string, number])[];
  readonly ttlSeconds?: number;
}

export type Trouble = 'SERVFAIL' | 'silence';

export interface DnsServer {
  /** address:port */
  readonly address: string;
  /** What was asked so far: `A nlp.test`. */
  readonly queries: readonly string[];
  /** From now on. A name of which nothing was said does not exist. */
  set(name: string, what: Records | Trouble): void;
  /** Resolves once so many more questions have come. */
  asked(more: number): Promise<void>;
  stop(): Promise<void>;
}

const [serverFailure, noSuchName] = [2, 3];

/** Where it listens; any free port of 127.0.0.1 by default. */
export interface DnsListener {
  readonly address: string;
  readonly port: number;
}

export async function startDnsServer(
  { address: host, port: listenPort }: DnsListener = { address: '127.0.0.1', port: 0 },
): Promise<DnsServer> {
  const zone = new Map<string, Records | Trouble>();
  const queries: string[] = [];
  let wake: () => void = () => {};
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port }) => {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    if (question === undefined) return;
    queries.push(`${question.type} ${question.name}`);
    wake();
    const known = zone.get(question.name);
    if (known === 'silence') return;
    const code = known === undefined ? noSuchName : known === 'SERVFAIL' ? serverFailure : 0;
    const answers = typeof known === 'object' ? answersTo(question, known) : [];
    const response = encode({ type: 'response', id, flags: AUTHORITATIVE_ANSWER | code, questions, answers });
    socket.send(response, port, address);
  });
  socket.bind(listenPort, host);
  await once(socket, 'listening');
  return {
    address: `${host}:${socket.address().port}`,
    queries,
    set: (name, what) => void zone.set(name, what),
    async asked(more) {
      const enough = queries.length + more;
      while (queries.length < enough) await new Promise<void>((resolve) => (wake = resolve));
    },
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
}

function answersTo({ type, name }: Question, { a = [], aaaa = [], srv = [], ttlSeconds = 30 }: Records): Answer[] {
  const services = srv.map(([target, port]) => ({ target, port, priority: 0, weight: 0 }));
  const found = { A: a, AAAA: aaaa, SRV: services }[type as string] ?? [];
  // oxlint-disable-next-line id-denylist -- the field is dns-packet's
  return found.map((content) => ({ type, name, ttl: ttlSeconds, data: content }) as Answer);
}
