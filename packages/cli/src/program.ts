// All commands and the options they share, as commander's program.
import { weftVersion } from '@weft/config';
import { Command } from 'commander';
import { addClassify } from './commands/classify.ts';
import { addConvert } from './commands/convert.ts';
import { addDetect } from './commands/detect.ts';
import { addDraw } from './commands/draw.ts';
import { addEmbed } from './commands/embed.ts';
import { addGenerate } from './commands/generate.ts';
import { addHelp } from './commands/help.ts';
import { addK8s } from './commands/k8s.ts';
import { addInfer } from './commands/infer.ts';
import { addModels } from './commands/models.ts';
import { addLoad, addUnload } from './commands/load.ts';
import { addPlan } from './commands/plan.ts';
import { addPush } from './commands/push.ts';
import { addRank } from './commands/rank.ts';
import { addRead } from './commands/read.ts';
import { addRollout } from './commands/rollout.ts';
import { addStatus } from './commands/status.ts';
import { addSummarize } from './commands/summarize.ts';
import { addUp } from './commands/up.ts';
import { addUpscale } from './commands/upscale.ts';
import { addVideo } from './commands/video.ts';
import type { Shell } from './shell.ts';
import { usageExitCode } from './usage-error.ts';

const commands = [
  addUp,
  addStatus,
  addK8s,
  addModels,
  addPush,
  addRollout,
  addLoad,
  addUnload,
  addPlan,
  addInfer,
  addEmbed,
  addRank,
  addClassify,
  addSummarize,
  addGenerate,
  addDetect,
  addRead,
  addUpscale,
  addDraw,
  addVideo,
  addConvert,
  addHelp,
];

export function createProgram(shell: Shell, args: readonly string[]): Command {
  const program = new Command('weft')
    .description('Inference mesh for Node: start it, and ask its models.')
    .option('--router <host:port>', 'router to ask (WEFT_ROUTER; default 127.0.0.1:8001)')
    .option('--json', 'print the result as one JSON document')
    .helpCommand(false);
  // Not beside a command: there it would take the --version of the command's own, which is a model's.
  const [first = '', ...more] = args;
  if (first.startsWith('-') || (first === 'help' && more.length === 0))
    program.version(weftVersion, '-V, --version', 'print the version');
  configure(program, shell);
  for (const add of commands) add(program, shell);
  for (const command of program.commands) configure(command, shell);
  return program;
}

/** Commander's own messages go through the shell, and its failures to `main`, which reports them in one line. */
function configure(command: Command, shell: Shell): void {
  command
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => shell.out(text), writeErr: () => {}, outputError: () => {} })
    .exitOverride((error) => {
      if (error.exitCode !== 0) error.exitCode = usageExitCode;
      throw error;
    });
}
