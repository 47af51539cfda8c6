// weft plan: how many replicas a load needs, by the mesh's own scheduler in simulated time.
import type { Command } from 'commander';
import { readLocalFile } from '../input/read-local-file.ts';
import { amountAbove, duration, requestShare, wholeNumber } from '../parse-number.ts';
import type { ModelProfile } from '../plan/model-profile.ts';
import { startProgress } from '../progress.ts';
import { report } from '../report.ts';
import { addConnectionOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';

interface PlanFlags {
  readonly model: string;
  readonly modelVersion?: string;
  readonly method?: string;
  readonly rate: number;
  readonly deadline: number;
  readonly share: number;
  readonly reserve: number;
  readonly rows: number;
  readonly profile?: string;
}

const examples = `
Examples:
  weft plan --model use-lite --rate 400 --deadline 300ms
  weft plan --model fraud --rate 2000 --deadline 20ms --share 99.9% --profile bench/results/profile.json`;

export function addPlan(program: Command, shell: Shell): void {
  const command = program
    .command('plan')
    .summary('tell how many replicas a load needs')
    .description(
      'Tells how many replicas of a model answer a load in time. Plays the mesh’s own scheduler in simulated time, on the times\nthat the router has learned of the model’s batches (role admin), or on those in a file.',
    )
    .requiredOption('--model <name>', 'model to plan for')
    .requiredOption('--rate <n>', 'requests a second, at the busiest time', amountAbove(0, 100_000))
    .requiredOption('--deadline <duration>', 'within which a request should be answered', duration)
    .option(
      '--share <share>',
      'of the requests that should be: 99% or 0.99',
      requestShare({ nothing: false, everything: false }),
      0.99,
    )
    .option(
      '--reserve <share>',
      'how much more than the rate has to be answered in time as well: 25% or 0.25',
      requestShare({ nothing: true, everything: true }),
      0.25,
    )
    .option('--rows <n>', 'rows of each request', wholeNumber(1), 1)
    .option('--method <name>', 'method of the model, such as Embed, where it has several; the first one if absent')
    .option('--model-version <version>', 'version of the model; the newest that was measured if absent')
    .option('--profile <file>', 'times of batches, as npm run bench -- profile keeps them; asks no router')
    .addHelpText('after', examples);
  addConnectionOptions(command, '10s').action(async (flags: PlanFlags) => {
    const { rate, rows, deadline: deadlineMs, share, reserve } = flags;
    const load = { rate, rows, deadlineMs, share, reserve };
    const profile = await readProfile(shell, command, flags);
    const [{ planReplicas }, { formatPlan }] = await Promise.all([
      import('../plan/plan-replicas.ts'),
      import('../plan/format-plan.ts'),
    ]);
    const progress = startProgress(shell, 'planning');
    try {
      const plan = planReplicas(profile, load, {
        onReplicas: (replicas) => progress.update(`trying ${replicas} replicas`),
      });
      progress.done();
      const json = { ...load, profile, least: plan.least, withOneToSpare: plan.least + 1, outlooks: plan.outlooks };
      report(shell, command, { json, text: formatPlan(profile, load, plan) });
    } finally {
      progress.done();
    }
  });
}

async function readProfile(shell: Shell, command: Command, flags: PlanFlags): Promise<ModelProfile> {
  const { model, method, modelVersion, profile: path } = flags;
  if (path !== undefined) {
    if (method !== undefined || modelVersion !== undefined)
      throw usageError(
        '--method and --model-version choose among what a router knows: leave them out beside --profile',
      );
    const { profileInFile } = await import('../plan/profile-file.ts');
    return profileInFile(String(await readLocalFile(path)), path, model);
  }
  const { profileOfRouter } = await import('../plan/router-profile.ts');
  return withRouter(shell, command, async ({ client, router }) =>
    profileOfRouter(await client.admin.profiles(model, { modelVersion }), { model, method, router }),
  );
}
