// Kubernetes' objects as far as the doctor reads them, spelled as the API spells them, and all of them together: a cluster as it
// is seen from outside at one moment.

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  /** When the time that it has to end is over. */
  readonly deletionTimestamp?: string;
  readonly creationTimestamp?: string;
}

export type Labels = Readonly<Record<string, string>>;

export interface Named {
  readonly metadata: Metadata;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly Toleration[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly automountServiceAccountToken?: boolean;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: { readonly limits?: Labels };
  readonly envFrom?: readonly { readonly configMapRef?: Reference; readonly secretRef?: Reference }[];
  readonly env?: readonly {
    readonly valueFrom?: { readonly configMapKeyRef?: KeyReference; readonly secretKeyRef?: KeyReference };
  }[];
}

export interface Reference {
  readonly name?: string;
  readonly optional?: boolean;
}

export interface KeyReference extends Reference {
  readonly key: string;
}

export interface ItemsReference extends Reference {
  readonly items?: readonly { readonly key: string }[];
}

export interface Volume {
  readonly configMap?: ItemsReference;
  readonly secret?: Omit<ItemsReference, 'name'> & { readonly secretName?: string };
  readonly projected?: {
    readonly sources?: readonly { readonly configMap?: ItemsReference; readonly secret?: ItemsReference }[];
  };
}

export interface Pod extends Named {
  readonly spec: PodSpec;
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready: boolean;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

export interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly finishedAt?: string;
}

/** A Deployment or a StatefulSet. */
export interface Workload extends Named {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly spec: { readonly replicas?: number; readonly template: { readonly spec: PodSpec } };
  readonly status: {
    readonly readyReplicas?: number;
    readonly replicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Node extends Named {
  readonly spec: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status: { readonly allocatable?: Labels; readonly conditions?: readonly Condition[] };
}

export interface ClusterEvent {
  readonly involvedObject: { readonly kind?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

export interface Claim extends Named {
  readonly spec: { readonly storageClassName?: string };
  readonly status: { readonly phase?: string };
}

export interface Autoscaler extends Named {
  readonly spec: { readonly maxReplicas: number; readonly metrics?: readonly { readonly type: string }[] };
  readonly status?: { readonly conditions?: readonly Condition[] | null };
}

/** A Secret or a ConfigMap, of which only the keys are kept. */
export interface Keyed extends Named {
  readonly keys: readonly string[];
}

export interface ClusterState {
  readonly namespace: string;
  /** What belongs to weft, by its label. */
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  /** All of the namespace. */
  readonly events: readonly ClusterEvent[];
  readonly services: readonly Named[];
  readonly claims: readonly Claim[];
  readonly autoscalers: readonly Autoscaler[];
  readonly quotas: readonly Named[];
  readonly configMaps: readonly (Keyed & { readonly settings: Labels })[];
  /** Undefined where whoever asks may not read them, as of all that follow. */
  readonly secrets: readonly Keyed[] | undefined;
  readonly nodes: readonly Node[] | undefined;
  /** All pods of the cluster: who holds GPUs. */
  readonly everyPod: readonly Pod[] | undefined;
  /** API groups that the cluster knows, such as `custom.metrics.k8s.io`. */
  readonly groups: readonly string[];
}
