// Kubernetes objects as far as the checks of the manifests read them.

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
  };
  // oxlint-disable-next-line id-denylist -- Kubernetes' own name
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly automountServiceAccountToken?: boolean;
  readonly spec?: ObjectSpec;
  readonly rules?: unknown;
  readonly roleRef?: unknown;
  readonly subjects?: readonly Subject[];
}

/** Whom a RoleBinding gives a role. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export type Labels = Readonly<Record<string, string>>;

export interface ObjectSpec {
  readonly selector?: Labels | { readonly matchLabels?: Labels };
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly targetPort: string | number }[];
  readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly scaleTargetRef?: { readonly kind: string; readonly name: string };
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
  readonly replicas?: number;
  /** Of a claim. */
  readonly accessModes?: readonly string[];
  readonly resources?: { readonly requests?: Labels };
  /** Of a quota. */
  readonly hard?: Labels;
  readonly volumeClaimTemplates?: readonly { readonly spec: { readonly resources?: { readonly requests?: Labels } } }[];
}

export interface PolicyRule {
  readonly from?: readonly { readonly podSelector?: { readonly matchLabels?: Labels } }[];
  readonly to?: readonly { readonly podSelector?: { readonly matchLabels?: Labels } }[];
  readonly ports?: readonly { readonly port: string | number }[];
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly priorityClassName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly { readonly key: string }[];
  readonly securityContext?: SecurityContext;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly envFrom?: readonly { readonly configMapRef?: Named; readonly secretRef?: Named }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

export interface Probe {
  readonly grpc?: { readonly port: number; readonly service?: string };
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly seccompProfile?: { readonly type: string };
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

export interface Volume {
  readonly name: string;
  readonly configMap?: Named;
  readonly secret?: { readonly secretName: string };
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: { readonly sources: readonly { readonly secret?: SecretItems }[] };
  readonly [kind: string]: unknown;
}

export interface SecretItems extends Named {
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

interface Named {
  readonly name: string;
}

/** What makes pods, with the template of its pods. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly labels: Labels;
  readonly pod: PodSpec;
}

export function workloads(objects: readonly KubernetesObject[]): Workload[] {
  return objects.flatMap(({ kind, metadata, spec }) =>
    spec?.template === undefined
      ? []
      : [{ kind, name: metadata.name, labels: spec.template.metadata.labels, pod: spec.template.spec }],
  );
}

/** A Service's selector is the labels themselves, a workload's has them below matchLabels. */
export function selectorOf({ spec }: KubernetesObject): Labels {
  const selector = spec?.selector ?? spec?.podSelector ?? {};
  return 'matchLabels' in selector ? ((selector.matchLabels as Labels | undefined) ?? {}) : (selector as Labels);
}

export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
