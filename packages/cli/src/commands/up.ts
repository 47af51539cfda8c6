// weft up: the whole mesh in this process, until SIGINT or SIGTERM.
import { describeSettings, readSettings, weftVersion } from '@weft/config';
import { WeftError } from '@weft/errors';
import type { Command } from 'commander';
import { formatTable } from '../format/format-table.ts';
import { startProgress } from '../progress.ts';
import { wantsJson } from '../report.ts';
import type { Shell } from '../shell.ts';
import { endpointsJson, formatEndpoints, formatKeeping, formatServedModels } from '../up/mesh-report.ts';
import { type UpSettings, upSettings } from '../up/up-settings.ts';
import { usageError } from '../usage-error.ts';

export function addUp(program: Command, shell: Shell): void {
  const command = program
    .command('up')
    .summary('start the mesh: the router and the model services')
    .description(
      'Starts the router and the model services in this process, and serves until SIGINT or SIGTERM.\nPrints "weft ready" when every default model is READY.',
    )
    // The settings read their own flags: they are declared in one place for all processes.
    .allowUnknownOption()
    .allowExcessArguments()
    .usage('[flags]')
    .addHelpText(
      'after',
      () => `\nFlags (each also as an environment variable: see weft help settings):\n${describeFlags()}`,
    );
  command.action(async () => {
    if (command.optsWithGlobals()['router'] !== undefined)
      throw usageError('up takes no --router: --port chooses its port');
    await up(shell, command, readUpSettings(command.args, shell.env));
  });
}

/** What is wrong with a setting is wrong usage. */
function readUpSettings(argv: readonly string[], env: Shell['env']): UpSettings {
  try {
    return readSettings(upSettings, { argv, env });
  } catch (thrown) {
    throw thrown instanceof WeftError ? usageError(thrown.message) : thrown;
  }
}

async function up(shell: Shell, command: Command, settings: UpSettings): Promise<void> {
  // The code of the services takes a moment to load, and Ctrl-C ends the command in an orderly way then too.
  let stopped = false;
  const forget = shell.onStopSignal(() => {
    stopped = true;
  });
  const progress = startProgress(shell, 'starting');
  const [{ startTelemetry }, { realStarters }, { runMesh }, { waitUntilServed }] = await Promise.all([
    import('@weft/telemetry'),
    import('../up/real-starters.ts'),
    import('../up/run-mesh.ts'),
    import('../up/wait-until-served.ts'),
  ]);
  const telemetry = await startTelemetry({ component: 'up', version: weftVersion, ...settings });
  try {
    if (stopped) return;
    const run = runMesh({
      shell,
      settings,
      starters: realStarters(telemetry),
      progress,
      log: telemetry.log,
      waitUntilServed,
      onReady(mesh, models) {
        if (wantsJson(command))
          shell.out(`${JSON.stringify({ ready: true, endpoints: endpointsJson(mesh), models })}\n`);
        else
          shell.out(
            `${[formatEndpoints(mesh), formatServedModels(models), formatKeeping(settings)].join('\n\n')}\n\nweft ready\n`,
          );
      },
    });
    // Only now that runMesh listens too: without any listener for a moment, a signal that has just arrived is lost.
    forget();
    await run;
  } finally {
    progress.done();
    await telemetry.stop();
  }
}

function describeFlags(): string {
  const rows = describeSettings(upSettings).map(({ flag, type, default: value, doc }) => {
    if (type === 'boolean') return [flag, flag.startsWith('--no-') ? `Switches off: ${doc}` : doc];
    return [`${flag} <${type}>`, value === '' ? doc : `${doc} (${value})`];
  });
  const [, ...lines] = formatTable([{ title: '' }, { title: '' }], rows).split('\n');
  return lines.map((line) => `  ${line}`).join('\n');
}
