// The Pod Security Standard `restricted`, as far as a pod template can break it: what an API server with that label on the
// namespace would refuse. https://kubernetes.io/docs/concepts/security/pod-security-standards/
import type { Container, PodSpec, SecurityContext } from './kubernetes-object.ts';

const volumeKinds = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** What it breaks, one line each; none: it is restricted. */
export function restrictedFindings(pod: PodSpec): string[] {
  const findings: string[] = [];
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC'] as const) if (pod[name] === true) findings.push(name);
  for (const { name, ...kinds } of pod.volumes ?? []) {
    if (!Object.keys(kinds).every((kind) => volumeKinds.includes(kind))) findings.push(`volume ${name}`);
  }
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    findings.push(
      ...containerFindings(container, pod.securityContext ?? {}).map((what) => `${container.name}: ${what}`),
    );
  }
  return findings;
}

function containerFindings({ securityContext: own = {}, ports = [] }: Container, pod: SecurityContext): string[] {
  const { capabilities = {}, privileged, allowPrivilegeEscalation } = own;
  const { runAsNonRoot, runAsUser, seccompProfile } = { ...pod, ...own };
  const rules: Readonly<Record<string, boolean>> = {
    privileged: privileged !== true,
    allowPrivilegeEscalation: allowPrivilegeEscalation === false,
    runAsNonRoot: runAsNonRoot === true,
    runAsUser: runAsUser !== 0,
    seccompProfile: ['RuntimeDefault', 'Localhost'].includes(seccompProfile?.type ?? ''),
    'capabilities.drop': capabilities.drop?.includes('ALL') === true,
    'capabilities.add': (capabilities.add ?? []).every((name) => name === 'NET_BIND_SERVICE'),
    hostPort: ports.every(({ hostPort }) => hostPort === undefined || hostPort === 0),
  };
  return Object.entries(rules).flatMap(([rule, kept]) => (kept ? [] : [rule]));
}
