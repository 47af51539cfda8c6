// weft models: what the mesh should serve, and what it does.
import type { ModelIndex, ModelsSnapshot } from '@weft/client';
import { WeftError } from '@weft/errors';
import type { Command } from 'commander';
import { formatModels } from '../format/format-models.ts';
import { formatTable } from '../format/format-table.ts';
import { readyModels, snapshotJson } from '../model-states.ts';
import { type Result, report, wantsJson } from '../report.ts';
import { addConnectionOptions, type Asking, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { untilStopped } from '../until-stopped.ts';
import { watchModels } from '../watch-models.ts';

interface ModelsFlags {
  readonly ready?: boolean;
  readonly watch?: boolean;
}

export function addModels(program: Command, shell: Shell): void {
  const command = program
    .command('models')
    .summary('list the models, and who serves them')
    .description(
      'Lists every model and version: the share of requests that it gets, how many replicas have it READY, and why the\nothers have not. Without the role admin it lists their states alone.',
    )
    .option('--ready', 'only versions that are READY')
    .option('--watch', 'show each change until Ctrl-C; with --json a line for each');
  addConnectionOptions(command, '10s').action(async (flags: ModelsFlags) => {
    if (flags.watch === true) {
      const form = { json: wantsJson(command), readyOnly: flags.ready === true };
      return withRouter(shell, command, (asking) =>
        untilStopped(shell, (signal) => watchModels(shell, asking, { ...form, signal })),
      );
    }
    report(shell, command, await withRouter(shell, command, (asking) => listModels(shell, asking, flags)));
  });
}

async function listModels(shell: Shell, asking: Asking, { ready = false }: ModelsFlags): Promise<Result> {
  const snapshot = await snapshotOrRefusal(asking);
  if (!(snapshot instanceof WeftError)) {
    const models = ready ? readyModels(snapshot) : snapshot;
    return { json: snapshotJson(models), text: formatModels(models) };
  }
  const models = await asking.client.models.index({ readyOnly: ready });
  asking.progress.done();
  const why = snapshot.code === 'UNIMPLEMENTED' ? 'the router has no admin service' : snapshot.message;
  shell.err(`weft: the states alone: ${why}\n`);
  return { json: indexJson(models), text: formatIndex(models) };
}

/** The present state; or why the caller may not know it, where that is a matter of rights or of the router's age. */
async function snapshotOrRefusal({ client, timeoutMs }: Asking): Promise<ModelsSnapshot | WeftError> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    for await (const snapshot of client.admin.watchModels({ signal })) return snapshot;
  } catch (thrown) {
    const refused = thrown instanceof WeftError && ['PERMISSION_DENIED', 'UNIMPLEMENTED'].includes(thrown.code);
    if (refused) return thrown;
    throw thrown;
  }
  throw new WeftError('DEADLINE_EXCEEDED', `the router has not answered within ${timeoutMs} ms`);
}

function formatIndex(models: readonly ModelIndex[]): string {
  if (models.length === 0) return 'no models';
  return formatTable(
    [{ title: 'MODEL' }, { title: 'VERSION' }, { title: 'STATE' }, { title: 'REASON' }],
    models.map(({ name, version, state, reason }) => [name, version, state, reason]),
  );
}

/** In the form of what admins get, with less in it. */
function indexJson(index: readonly ModelIndex[]): object {
  const byName = new Map<string, object[]>();
  for (const { name, ...version } of index) byName.set(name, [...(byName.get(name) ?? []), version]);
  return { models: [...byName].map(([name, versions]) => ({ name, versions })) };
}
