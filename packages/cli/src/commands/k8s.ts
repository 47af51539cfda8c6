// weft k8s: what is wrong with a deployment on Kubernetes, seen from outside, and what to do about it. Exit code 0 when nothing
// is, 1 with findings, 2 where the cluster cannot be read.
import { WeftError } from '@weft/errors';
import { type Command, CommanderError } from 'commander';
import type { Finding } from '../k8s/finding.ts';
import { diagnose } from '../k8s/diagnose.ts';
import { routerFindings } from '../k8s/router-findings.ts';
import { startProgress } from '../progress.ts';
import { report } from '../report.ts';
import { addConnectionOptions, given, positiveDuration, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

interface Flags {
  readonly context?: string;
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly timeout: string;
  readonly router?: string;
}

const unreadable = 2;

export function addK8s(program: Command, shell: Shell): void {
  const command = program
    .command('k8s')
    .summary('tell what is wrong with a deployment on Kubernetes')
    .description(
      'Reads a cluster as kubectl does, and tells what is wrong with the deployment of weft there and what to do about it. ' +
        'With --router or WEFT_ROUTER it asks the router for its models too. ' +
        'Exits with 0 when nothing is wrong, with 1 when something is, with 2 when the cluster cannot be read.',
    )
    .option('--context <name>', 'context of the kubeconfig, instead of its current one')
    .option('-n, --namespace <name>', 'where weft is (default: that of the context, or weft)')
    .option('--kubeconfig <file>', 'instead of KUBECONFIG and ~/.kube/config')
    .addHelpText('after', '\nExample:\n  weft k8s --context kind-kind --namespace weft');
  addConnectionOptions(command, '15s').action(async () => {
    const flags = command.optsWithGlobals<Flags>();
    const found = await lookAt(shell, flags);
    const asks = flags.router !== undefined || given(shell.env['WEFT_ROUTER']) !== undefined;
    const models = asks ? await withRouter(shell, command, routerFindings) : [];
    const findings = [...found.findings, ...models];
    const { namespace, context, unread, pods } = found;
    report(shell, command, {
      json: { context, namespace, findings, unread },
      text: [...findings.map(inOneLine), ...notRead(unread)].join('\n'),
    });
    const place = `namespace ${namespace} of ${context}`;
    if (findings.length > 0)
      throw new WeftError(
        'FAILED_PRECONDITION',
        `${findings.length} ${findings.length === 1 ? 'thing is' : 'things are'} wrong in ${place}`,
      );
    shell.err(`weft: nothing is wrong in ${place}: ${pods} pods are ready\n`);
  });
}

interface Look {
  readonly findings: readonly Finding[];
  readonly unread: readonly string[];
  readonly namespace: string;
  readonly context: string;
  readonly pods: number;
}

async function lookAt(shell: Shell, flags: Flags): Promise<Look> {
  const timeoutMs = positiveDuration(flags.timeout);
  let signal: AbortSignal | undefined;
  const progress = startProgress(shell, 'reading the cluster');
  try {
    // Loaded here, so that help and wrong usage do not wait for them.
    const [{ openCluster }, { readCluster }] = await Promise.all([
      import('@weft/dispatch'),
      import('../k8s/read-cluster.ts'),
    ]);
    const cluster = await openCluster({ kind: 'kubeconfig', file: flags.kubeconfig, context: flags.context });
    const namespace = flags.namespace ?? (cluster.namespace === 'default' ? 'weft' : cluster.namespace);
    // From here on: what went before was this machine's work.
    signal = AbortSignal.timeout(timeoutMs);
    const { state, unread } = await readCluster(cluster, namespace, signal);
    const findings = diagnose(state, Date.now());
    return { findings, unread, namespace, context: cluster.context, pods: state.pods.length };
  } catch (thrown) {
    const reason = signal?.aborted === true ? `no answer within ${timeoutMs / 1_000} s` : (thrown as Error).message;
    throw new CommanderError(unreadable, 'weft.k8s', `cannot read the cluster: ${reason}`);
  } finally {
    progress.done();
  }
}

const inOneLine = ({ where, what, toDo }: Finding): string => `${where}: ${what}. To mend it: ${toDo}.`;

function notRead(unread: readonly string[]): string[] {
  return unread.length === 0 ? [] : [`Not looked at, for want of permission: ${unread.join(', ')}.`];
}
