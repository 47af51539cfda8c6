// weft status: is the mesh there, and what can it do?
import { WeftError } from '@weft/errors';
import type { Command } from 'commander';
import { report } from '../report.ts';
import { addConnectionOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addStatus(program: Command, shell: Shell): void {
  const command = program
    .command('status')
    .summary('tell whether the mesh is up')
    .description(
      'Tells whether the router is live and ready, and counts its models by state. Exits with 1 when it is not ready.',
    )
    .addHelpText('after', '\nExample:\n  weft status --router weft.example:8001');
  addConnectionOptions(command, '10s').action(async () => {
    const status = await withRouter(shell, command, async ({ client, router }) => {
      const [live, ready, server, models] = await Promise.all([
        client.server.live(),
        client.server.ready(),
        client.server.metadata(),
        client.models.index(),
      ]);
      return {
        router,
        live,
        ready,
        server: { name: server.name, version: server.version },
        models: countByState(models),
      };
    });
    report(shell, command, { json: status, text: formatStatus(status) });
    if (!status.ready) throw new WeftError('UNAVAILABLE', `the router at ${status.router} is not ready`);
  });
}

interface Status {
  readonly router: string;
  readonly live: boolean;
  readonly ready: boolean;
  readonly server: { readonly name: string; readonly version: string };
  readonly models: Readonly<Record<string, number>>;
}

function countByState(models: readonly { readonly state: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of models) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function formatStatus({ router, live, ready, server, models }: Status): string {
  const counts = Object.entries(models).map(([state, count]) => `${count} ${state}`);
  return [
    `router  ${router}, ${live ? 'live' : 'not live'}, ${ready ? 'ready' : 'not ready'}`,
    `server  ${server.name} ${server.version}`,
    `models  ${counts.length === 0 ? 'none' : counts.join(', ')}`,
  ].join('\n');
}
