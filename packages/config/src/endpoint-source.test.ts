import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDnsServer, parseEndpointSource } from './endpoint-source.ts';

test('host:port is one replica, written in one way only', () => {
  const endpoints: Readonly<Record<string, string>> = {
    'nlp:8011': 'nlp:8011',
    'NLP.Example:8011': 'nlp.example:8011',
    '10.0.0.7:08011': '10.0.0.7:8011',
    '[::1]:8011': '[::1]:8011',
    '[0:0:0:0:0:0:0:1]:8011': '[::1]:8011',
    '[FE80::1%eth0]:8011': '[fe80::1%eth0]:8011',
    // A host of that name.
    'dns:8011': 'dns:8011',
    'srv:8011': 'srv:8011',
    // Addresses have no records.
    'dns:10.0.0.7:8011': '10.0.0.7:8011',
    'dns:///[::1]:8011': '[::1]:8011',
  };
  for (const [text, endpoint] of Object.entries(endpoints))
    assert.deepEqual(parseEndpointSource(text), { kind: 'static', text, endpoint });
});

test('dns: names a host and a port, in both of gRPC’s spellings', () => {
  for (const text of ['dns:nlp.weft.svc:8011', 'dns:///nlp.weft.svc:8011', 'DNS:NLP.weft.svc:8011'])
    assert.deepEqual(parseEndpointSource(text), { kind: 'dns', text, host: 'nlp.weft.svc', port: 8011 });
  const absolute = parseEndpointSource('dns:nlp.weft.svc.cluster.local.:8011');
  assert.equal(absolute.kind === 'dns' && absolute.host, 'nlp.weft.svc.cluster.local.');
});

test('srv: names what the records name host and port of', () => {
  for (const text of ['srv:_grpc._tcp.nlp.weft.svc', 'srv:///_grpc._tcp.nlp.weft.svc'])
    assert.deepEqual(parseEndpointSource(text), { kind: 'srv', text, name: '_grpc._tcp.nlp.weft.svc' });
  assert.deepEqual(parseEndpointSource('srv:nlp'), { kind: 'srv', text: 'srv:nlp', name: 'nlp' });
});

test('k8s: names a Service and a port of its pods, by number or by name, in the namespace of whoever asks or another', () => {
  const source = (text: string) => {
    const found = parseEndpointSource(text);
    return found.kind === 'k8s' ? [found.host, found.service, found.namespace, found.port] : found;
  };
  for (const text of ['k8s:nlp:8011', 'k8s:///nlp:8011', 'K8S:NLP:8011'])
    assert.deepEqual(source(text), ['nlp', 'nlp', undefined, 8011], text);
  assert.deepEqual(source('k8s:nlp.weft:grpc'), ['nlp.weft', 'nlp', 'weft', 'grpc']);
  // As the DNS has it, so that only the scheme changes.
  assert.deepEqual(source('k8s:nlp.weft.svc:8011'), ['nlp.weft.svc', 'nlp', 'weft', 8011]);
  assert.deepEqual(source('k8s:nlp.weft.svc.cluster.local.:8011'), [
    'nlp.weft.svc.cluster.local.',
    'nlp',
    'weft',
    8011,
  ]);
  assert.equal(parseEndpointSource('k8s:8011').kind, 'static');
});

test('what is none of the four is refused, and the message names the text', () => {
  const refused = [
    '',
    'nlp',
    'dns:',
    'dns:nlp',
    'dns:///nlp',
    'dns://nlp:8011',
    'dns:nlp:0',
    'dns:a..b:8011',
    'srv:',
    'srv:///',
    'srv:a b',
    'srv:_grpc._tcp.nlp:8011',
    `srv:${'a'.repeat(64)}.svc`,
    'http://nlp:8011',
    'unix:/run/nlp',
    'k8s:',
    'k8s:nlp',
    'k8s:nlp:0',
    'k8s:nlp:70000',
    'k8s:nlp:Grpc',
    'k8s:a..b:8011',
    'k8s:nlp.weft.pod:8011',
    'k8s://nlp:8011',
  ];
  for (const text of refused) assert.throws(() => parseEndpointSource(text), { code: 'INVALID_ARGUMENT' }, text);
  assert.throws(() => parseEndpointSource('srv:_grpc._tcp.nlp:8011'), /"srv:_grpc._tcp.nlp:8011" names a port/);
  assert.throws(() => parseEndpointSource('k8s://staging/nlp:8011'), /names a cluster: .* --kubeconfig/);
  assert.throws(() => parseEndpointSource('dns://10.0.0.10/nlp:8011'), /names a DNS server: .* --dns-server/);
});

test('a DNS server is an address, with a port or without', () => {
  for (const text of ['127.0.0.1:5353', '10.0.0.10', '[::1]:53', '::1']) parseDnsServer(text);
  for (const text of ['dns.example:53', 'dns.example', '', '10.0.0.10:0', '10.0.0.10:x'])
    assert.throws(() => parseDnsServer(text), { code: 'INVALID_ARGUMENT' }, text);
});
