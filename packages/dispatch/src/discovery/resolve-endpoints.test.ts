import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NamedSource, parseEndpointSource } from '@weft/config';
import type { AddressRecord, Answer, NameServer, ServiceRecord } from './name-server.ts';
import { type Resolution, resolveEndpoints } from './resolve-endpoints.ts';

const none = { kind: 'none' } as const;
const denied = { kind: 'no such name' } as const;
const failed = { kind: 'failed', reason: 'queryA ESERVFAIL nlp' } as const;
const found = (...addresses: string[]): Answer<AddressRecord> => ({
  kind: 'records',
  records: addresses.map((address) => ({ address, ttlSeconds: 30 })),
});
const targets = (...list: [string, number][]): Answer<ServiceRecord> => ({
  kind: 'records',
  records: list.map(([host, port]) => ({ host, port })),
});

interface Zone {
  /** A and AAAA. */
  readonly hosts?: Readonly<Record<string, readonly [Answer<AddressRecord>, Answer<AddressRecord>]>>;
  readonly services?: Answer<ServiceRecord>;
}

const dns = parseEndpointSource('dns:nlp:8011') as NamedSource;
const srv = parseEndpointSource('srv:_grpc._tcp.nlp') as NamedSource;

function resolve(
  source: NamedSource,
  { hosts = {}, services = denied }: Zone,
  previous?: Resolution,
): Promise<Resolution> {
  const names: NameServer = {
    addresses: async (name) => hosts[name] ?? [denied, denied],
    services: async () => [services],
    stop: () => {},
  };
  return resolveEndpoints(source, { names, previous });
}

test('every address of a name is an endpoint, IPv6 in brackets', async () => {
  const { endpoints, ttlMs, failure } = await resolve(dns, {
    hosts: { nlp: [found('10.0.0.1', '10.0.0.2'), found('fd00::1')] },
  });
  assert.deepEqual(endpoints, ['10.0.0.1:8011', '10.0.0.2:8011', '[fd00::1]:8011']);
  assert.deepEqual([ttlMs, failure], [30_000, undefined]);
});

test('every address of every target is an endpoint, at the target’s port and each once', async () => {
  const { endpoints, ttlMs } = await resolve(srv, {
    services: targets(['a.', 1], ['a.', 2], ['b.', 2], ['c.', 2]),
    hosts: {
      'a.': [found('10.0.0.1'), none],
      'b.': [{ kind: 'records', records: [{ address: '10.0.0.2', ttlSeconds: 5 }] }, none],
      'c.': [found('10.0.0.2'), none],
    },
  });
  assert.deepEqual(endpoints, ['10.0.0.1:1', '10.0.0.1:2', '10.0.0.2:2']);
  assert.equal(ttlMs, 5_000);
});

test('a name without addresses, or without targets, is empty and no failure', async () => {
  const before = await resolve(dns, { hosts: { nlp: [found('10.0.0.1'), none] } });
  const after = await resolve(dns, { hosts: { nlp: [none, none] } }, before);
  assert.deepEqual([after.endpoints, after.failure, after.ttlMs], [[], undefined, Infinity]);
  const servers = await resolve(srv, { services: none }, before);
  assert.deepEqual([servers.endpoints, servers.failure], [[], undefined]);
});

test('a server that fails, or denies the name, keeps what is known', async () => {
  const before = await resolve(dns, { hosts: { nlp: [found('10.0.0.1'), found('fd00::1')] } });
  const failing = await resolve(dns, { hosts: { nlp: [failed, failed] } }, before);
  assert.deepEqual([failing.endpoints, failing.failure], [before.endpoints, failed.reason]);
  const denying = await resolve(dns, {}, failing);
  assert.deepEqual([denying.endpoints, denying.failure], [before.endpoints, 'no such name: nlp']);
});

test('what is asked for the first time and fails is empty', async () => {
  const addresses = await resolve(dns, { hosts: { nlp: [failed, none] } });
  assert.deepEqual([addresses.endpoints, addresses.failure], [[], failed.reason]);
  const servers = await resolve(srv, {});
  assert.deepEqual([servers.endpoints, servers.failure], [[], 'no such name: _grpc._tcp.nlp']);
});

test('one kind of address that fails keeps its own, and the other kind changes', async () => {
  const before = await resolve(dns, { hosts: { nlp: [found('10.0.0.1'), found('fd00::1')] } });
  const after = await resolve(dns, { hosts: { nlp: [found('10.0.0.2'), failed] } }, before);
  assert.deepEqual([after.endpoints, after.failure], [['10.0.0.2:8011', '[fd00::1]:8011'], failed.reason]);
});

test('a name that is denied for one kind of address only has none of that kind', async () => {
  const before = await resolve(dns, { hosts: { nlp: [found('10.0.0.1'), found('fd00::1')] } });
  const after = await resolve(dns, { hosts: { nlp: [found('10.0.0.1'), denied] } }, before);
  assert.deepEqual([after.endpoints, after.failure], [['10.0.0.1:8011'], undefined]);
});

test('targets that cannot be asked for are those from before, with their addresses of now', async () => {
  const before = await resolve(srv, { services: targets(['a.', 1]), hosts: { 'a.': [found('10.0.0.1'), none] } });
  const after = await resolve(srv, { services: failed, hosts: { 'a.': [found('10.0.0.9'), none] } }, before);
  assert.deepEqual([after.endpoints, after.failure], [['10.0.0.9:1'], failed.reason]);
});

test('a target whose addresses cannot be asked for keeps them, and one that is listed no more does not', async () => {
  const hosts = { 'a.': [found('10.0.0.1'), none], 'b.': [found('10.0.0.2'), none] } as const;
  const before = await resolve(srv, { services: targets(['a.', 1], ['b.', 1]), hosts }, undefined);
  const failing = { 'a.': [failed, none], 'b.': [failed, none] } as const;
  const after = await resolve(srv, { services: targets(['a.', 1]), hosts: failing }, before);
  assert.deepEqual([after.endpoints, after.failure], [['10.0.0.1:1'], failed.reason]);
});
