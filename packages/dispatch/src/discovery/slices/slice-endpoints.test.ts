import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpointSource, type SliceSource } from '@weft/config';
import fc from 'fast-check';
import type { EndpointSlice, SliceEndpoint } from './slice-api.ts';
import { sliceEndpoints } from './slice-endpoints.ts';

const byNumber = parseEndpointSource('k8s:nlp:8011') as SliceSource;
const byName = parseEndpointSource('k8s:nlp:grpc') as SliceSource;

const slice = (endpoints: readonly SliceEndpoint[], more: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: 'nlp-a' },
  addressType: 'IPv4',
  ports: [{ name: 'grpc', port: 9011 }],
  endpoints,
  ...more,
});
const at = (address: string, conditions: SliceEndpoint['conditions'] = { ready: true }): SliceEndpoint => ({
  addresses: [address],
  conditions,
});

test('a port that is a number is dialled as it is, a name is that of each slice', () => {
  const slices = [
    slice([at('10.0.0.1')]),
    slice([at('10.0.0.2')], { metadata: { name: 'nlp-b' }, ports: [{ name: 'grpc', port: 9012 }] }),
    slice([at('10.0.0.3')], { metadata: { name: 'nlp-c' }, ports: [{ name: 'metrics', port: 8012 }] }),
  ];
  assert.deepEqual(sliceEndpoints(byNumber, slices).endpoints, ['10.0.0.1:8011', '10.0.0.2:8011', '10.0.0.3:8011']);
  assert.deepEqual(sliceEndpoints(byName, slices).endpoints, ['10.0.0.1:9011', '10.0.0.2:9012']);
});

test('who is not ready is not named, who terminates leaves, and who says nothing is there', () => {
  const endpoints = [
    { addresses: ['10.0.0.1'] },
    at('10.0.0.2', { ready: false, serving: false, terminating: false }),
    at('10.0.0.3', { ready: false, serving: true, terminating: true }),
    // A Service with publishNotReadyAddresses says so of every pod.
    at('10.0.0.4', { ready: true, serving: true, terminating: true }),
    at('10.0.0.5', { ready: true, serving: false, terminating: false }),
  ];
  assert.deepEqual(sliceEndpoints(byNumber, [slice(endpoints)]), {
    endpoints: ['10.0.0.1:8011', '10.0.0.5:8011'],
    leaving: ['10.0.0.3:8011', '10.0.0.4:8011'],
  });
});

test('an only pod that terminates goes on until a successor serves, whatever that one publishes before', () => {
  const last = at('10.0.0.1', { ready: true, serving: true, terminating: true });
  const leaving = (...more: SliceEndpoint[]) => sliceEndpoints(byNumber, [slice([last, ...more])]).leaving;
  assert.deepEqual(leaving(), []);
  assert.deepEqual(leaving(at('10.0.0.2', { ready: true, serving: false, terminating: false })), []);
  assert.deepEqual(leaving(at('10.0.0.2', { ready: true, serving: true, terminating: false })), ['10.0.0.1:8011']);
});

test('a pod with addresses of both families is one replica, and IPv6 is spelled shortly', () => {
  const pod = { targetRef: { uid: 'pod-1' } };
  const six = slice([{ ...at('fd00:0:0::1'), ...pod }, at('fd00::0002')], {
    metadata: { name: 'a' },
    addressType: 'IPv6',
  });
  const four = slice([{ ...at('10.0.0.1'), ...pod }], { metadata: { name: 'b' } });
  assert.deepEqual(sliceEndpoints(byNumber, [six, four]).endpoints, ['10.0.0.1:8011', '[fd00::2]:8011']);
});

test('a Service without endpoints has none', () => {
  assert.deepEqual(
    sliceEndpoints(byNumber, [slice([]), { metadata: { name: 'b' }, addressType: 'IPv4', endpoints: null }]),
    {
      endpoints: [],
      leaving: [],
    },
  );
});

test('each address is named once, never both there and leaving, in whatever order the slices come', () => {
  const endpoint = fc.record({
    addresses: fc.constantFrom(['10.0.0.1'], ['10.0.0.2'], ['10.0.0.3']),
    conditions: fc.record({ ready: fc.boolean(), terminating: fc.boolean() }),
  });
  const slices = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c'), endpoints: fc.array(endpoint, { maxLength: 4 }) }),
    { selector: ({ name }) => name },
  );
  fc.assert(
    fc.property(slices, (list) => {
      const made = list.map(({ name, endpoints }) => slice(endpoints, { metadata: { name } }));
      const { endpoints, leaving } = sliceEndpoints(byNumber, made);
      const all = [...endpoints, ...leaving];
      assert.equal(new Set(all).size, all.length);
      assert.deepEqual(sliceEndpoints(byNumber, made.toReversed()), { endpoints, leaving });
    }),
  );
});
