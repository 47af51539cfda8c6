// weft rollout: who gets which share of a model's requests.
import type { RolloutChange } from '@weft/client';
import { WeftError } from '@weft/errors';
import type { Command } from 'commander';
import { formatOutcome, outcomeJson, requireDone } from '../format/format-outcome.ts';
import { formatRollout } from '../format/format-rollout.ts';
import { requestShare } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { untilStopped } from '../until-stopped.ts';
import { usageError } from '../usage-error.ts';

interface RolloutFlags {
  readonly promote?: boolean;
  readonly rollback?: boolean;
  readonly canary?: number;
  readonly shadow?: number;
  readonly version?: string;
  readonly reason?: string;
}

const examples = `
Examples:
  weft rollout fraud --canary 20%
  weft rollout fraud --promote
  weft rollout fraud --rollback --reason 'misses card fraud'
  weft rollout fraud --shadow 5% --version 4
  weft rollout fraud --shadow 0%`;

export function addRollout(program: Command, shell: Shell): void {
  const command = program
    .command('rollout <model>')
    .summary('change who gets which share of a model’s requests')
    .description(
      'Changes which version of a model gets which share of the requests that name no version. Every replica has to do it;\nexits with 1 when one fails.',
    )
    .option('--promote', 'give everything to the canary: it becomes the stable version')
    .option('--rollback', 'withdraw the canary, or else the version that serves')
    .option('--canary <share>', 'share of the canary: 20% or 0.2', requestShare({ nothing: false, everything: false }))
    .option(
      '--shadow <share>',
      'copy this share, compare the answers and drop them; 0% ends it',
      requestShare({ nothing: true, everything: true }),
    )
    .option('--version <version>', 'version that is meant, where it is not the present canary or shadow, or the newest')
    .option('--reason <text>', 'why it is rolled back, for whoever asks later')
    .addHelpText('after', examples);
  addConnectionOptions(command, '10m').action(async (name: string, flags: RolloutFlags) => {
    const change = changeOf(name, flags);
    const { model, outcome } = await withRouter(shell, command, ({ client, progress }) => {
      progress.update(`changing the rollout of ${name}`);
      return untilStopped(shell, (signal) => client.admin.setRollout(change, { signal }).catch(orUnknown(signal)));
    });
    const { rollout, withdrawals } = model;
    report(shell, command, {
      json: { name, rollout, withdrawals, ...outcomeJson(outcome) },
      text: `${name}: ${formatRollout(model)}\n\n${formatOutcome(outcome)}`,
    });
    requireDone(outcome);
  });
}

/** One event, appended or not: whoever stops the command cannot know which. */
export function orUnknown(signal: AbortSignal): (thrown: unknown) => never {
  return (thrown) => {
    if (!signal.aborted) throw thrown;
    throw new WeftError('CANCELLED', 'stopped while the router was at it: weft models tells whether it is done', {
      cause: thrown,
    });
  };
}

function changeOf(name: string, { promote, rollback, canary, shadow, version, reason }: RolloutFlags): RolloutChange {
  const given = [promote, rollback, canary, shadow].filter((flag) => flag !== undefined);
  if (given.length !== 1) throw usageError('give one of --promote, --rollback, --canary and --shadow');
  if (reason !== undefined && rollback === undefined) throw usageError('--reason goes with --rollback');
  if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version))
    throw usageError(`--version is ${JSON.stringify(version)}, but it takes a whole number above zero`);
  if (promote) return { name, promote: { version } };
  if (rollback) return { name, rollBack: { version, reason } };
  return canary === undefined
    ? { name, shadow: { version, share: shadow ?? 0 } }
    : { name, canary: { version, share: canary } };
}
