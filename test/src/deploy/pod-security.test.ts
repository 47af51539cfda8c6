import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from './kubernetes-object.ts';
import { restrictedFindings } from './pod-security.ts';

const container: Container = {
  name: 'c',
  image: 'i',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};
const restricted: PodSpec = {
  securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container],
  volumes: [{ name: 'v', emptyDir: {} }],
};
const withContainer = (more: Partial<Container>): PodSpec => ({
  ...restricted,
  containers: [{ ...container, ...more }],
});

test('a restricted pod has no findings', () => {
  assert.deepEqual(restrictedFindings(restricted), []);
});

test('every rule is found where it is broken', () => {
  const own = container.securityContext;
  const findings = [
    restrictedFindings({ ...restricted, hostNetwork: true }),
    restrictedFindings({ ...restricted, volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
    restrictedFindings({ ...restricted, securityContext: {} }),
    restrictedFindings(withContainer({ securityContext: {} })),
    restrictedFindings(withContainer({ securityContext: { ...own, privileged: true, runAsUser: 0 } })),
    restrictedFindings(
      withContainer({ securityContext: { ...own, capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } }),
    ),
    restrictedFindings(withContainer({ ports: [{ name: 'p', containerPort: 1, hostPort: 1 }] })),
    restrictedFindings({ ...restricted, initContainers: [{ name: 'first', image: 'i' }] }),
  ];
  assert.deepEqual(findings, [
    ['hostNetwork'],
    ['volume v'],
    ['c: runAsNonRoot', 'c: seccompProfile'],
    ['c: allowPrivilegeEscalation', 'c: capabilities.drop'],
    ['c: privileged', 'c: runAsUser'],
    ['c: capabilities.add'],
    ['c: hostPort'],
    ['first: allowPrivilegeEscalation', 'first: capabilities.drop'],
  ]);
});
