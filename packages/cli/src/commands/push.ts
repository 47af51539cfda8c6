// weft push: publishes a version of a model to every replica.
import type { Command } from 'commander';
import { requestShare } from '../parse-number.ts';
import type { PushFlags } from '../push-version.ts';
import { report } from '../report.ts';
import { addConnectionOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { untilStopped } from '../until-stopped.ts';
import { usageError } from '../usage-error.ts';
import { requireDone } from '../format/format-outcome.ts';

const examples = `
The folder is a model's folder in Triton's layout (config.pbtxt or config.json, and <version>/model.onnx), or a folder
with just the files of a version. Files whose names begin with a dot are left out.

Examples:
  weft push my-models/fraud --name fraud
  weft push my-models/fraud --name fraud --canary 10%
  weft push out --name fraud --version 7 --sign release-key.pem`;

export function addPush(program: Command, shell: Shell): void {
  const command = program
    .command('push <folder>')
    .summary('publish a version of a model')
    .description(
      'Publishes a version of a model: it reaches every replica, which verifies it, warms it up and only then switches to it.\nFiles that the router has already are not sent again. Exits with 1 when a replica fails.',
    )
    .requiredOption('--name <model>', 'the model')
    .option(
      '--version <version>',
      'which of the folder’s versions, if not the newest; or the number to publish it under',
    )
    .option(
      '--canary <share>',
      'try it with this share of the requests: 10% or 0.1',
      requestShare({ nothing: false, everything: false }),
    )
    .option(
      '--shadow <share>',
      'copy this share of the requests to it, and drop its answers',
      requestShare({ nothing: false, everything: true }),
    )
    .option('--sign <key>', 'sign it with this Ed25519 key (PEM)')
    .option('--service <service>', 'the service that serves it, if its configuration does not say so')
    .addHelpText('after', examples);
  addConnectionOptions(command, '30m').action(async (directory: string, flags: PushFlags) => {
    if (flags.canary !== undefined && flags.shadow !== undefined)
      throw usageError('a version is the canary or the shadow: give --canary or --shadow');
    const [{ readModelFolder }, { signingKey }, { pushVersion }] = await Promise.all([
      import('../input/model-folder.ts'),
      import('../input/sign-version.ts'),
      import('../push-version.ts'),
    ]);
    const local = readModelFolder({ directory, ...flags });
    const key = flags.sign === undefined ? undefined : signingKey(flags.sign, local);
    const { result, outcome } = await withRouter(shell, command, (asking) =>
      untilStopped(shell, (signal) => pushVersion(asking, { local, flags, key, signal })),
    );
    report(shell, command, result);
    requireDone(outcome);
  });
}
