// weft models: every model with its state.
import type { ModelIndex } from '@weft/client';
import type { Command } from 'commander';
import { formatTable } from '../format/format-table.ts';
import { report } from '../report.ts';
import { addConnectionOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addModels(program: Command, shell: Shell): void {
  const command = program
    .command('models')
    .summary('list the models and their states')
    .description('Lists every model and version with its state, and the reason for it where there is one.')
    .option('--ready', 'only models that are READY');
  addConnectionOptions(command, '10s').action(async (flags: { ready?: boolean }) => {
    const models = await withRouter(shell, command, ({ client }) => client.models.index({ readyOnly: flags.ready }));
    report(shell, command, { json: { models }, text: formatModels(models) });
  });
}

function formatModels(models: readonly ModelIndex[]): string {
  if (models.length === 0) return 'no models';
  return formatTable(
    [{ title: 'NAME' }, { title: 'VERSION' }, { title: 'STATE' }, { title: 'REASON' }],
    models.map(({ name, version, state, reason }) => [name, version, state, reason]),
  );
}
