// weft load, weft unload: whether a model is served at all.
import type { Outcome } from '@weft/client';
import type { Command } from 'commander';
import { formatOutcome, outcomeJson, requireDone } from '../format/format-outcome.ts';
import { addConnectionOptions, type Asking, withRouter } from '../router-client.ts';
import { report } from '../report.ts';
import type { Shell } from '../shell.ts';
import { untilStopped } from '../until-stopped.ts';
import { orUnknown } from './rollout.ts';

export function addLoad(program: Command, shell: Shell): void {
  const command = program
    .command('load <model>')
    .summary('serve a model again, or read it again from disk')
    .description(
      "Serves an unloaded model again. The replicas read the model's folder in their model repositories again, so this\nalso takes up what has changed there. Exits with 1 when a replica fails.",
    );
  addConnectionOptions(command, '10m').action((model: string) =>
    change(shell, command, ({ client }, signal) => client.admin.load(model, { signal })),
  );
}

export function addUnload(program: Command, shell: Shell): void {
  const command = program
    .command('unload <model>')
    .summary('stop serving a model, everywhere')
    .description(
      'Stops serving a model on every replica, also after a restart, until it is loaded again. Work that has begun is finished.',
    );
  addConnectionOptions(command, '10m').action((model: string) =>
    change(shell, command, ({ client }, signal) => client.admin.unload(model, { signal })),
  );
}

async function change(
  shell: Shell,
  command: Command,
  ask: (asking: Asking, signal: AbortSignal) => Promise<Outcome>,
): Promise<void> {
  const model = command.args[0] as string;
  const outcome = await withRouter(shell, command, (asking) => {
    asking.progress.update(`${command.name()}ing ${model}`);
    return untilStopped(shell, (signal) => ask(asking, signal).catch(orUnknown(signal)));
  });
  report(shell, command, {
    json: { name: model, ...outcomeJson(outcome) },
    text: `${model}: ${command.name()}ed (revision ${outcome.revision})\n\n${formatOutcome(outcome)}`,
  });
  requireDone(outcome);
}
