// weft help: of everything, of one command, or of the settings that `weft up` and the services take.
import { describeSettings } from '@weft/config';
import type { Command } from 'commander';
import { formatTable } from '../format/format-table.ts';
import { report } from '../report.ts';
import type { Shell } from '../shell.ts';
import { settingGroups } from '../up/setting-groups.ts';
import { usageError } from '../usage-error.ts';

export function addHelp(program: Command, shell: Shell): void {
  const command = program
    .command('help [topic]')
    .summary('explain a command, or the settings')
    .description('Explains a command; `weft help settings` lists every setting.');
  command.action((topic?: string) => {
    if (topic === 'settings') return report(shell, command, describeAllSettings());
    if (topic === undefined) return program.outputHelp();
    const explained = program.commands.find((candidate) => candidate.name() === topic);
    if (explained === undefined) throw usageError(`there is no command ${JSON.stringify(topic)}: see weft help`);
    return explained.outputHelp();
  });
}

function describeAllSettings(): { text: string; json: unknown } {
  const groups = settingGroups.map(({ title, settings }) => ({ title, settings: describeSettings(settings) }));
  const columns = ['FLAG', 'VARIABLE', 'TYPE', 'DEFAULT', 'WHAT IT IS'].map((title) => ({ title }));
  const tables = groups.map(
    ({ title, settings }) =>
      `${title}\n${formatTable(
        columns,
        settings.map((row) => [row.flag, row.env, row.type, row.default, row.doc]),
      )}`,
  );
  return { json: { groups }, text: tables.join('\n\n') };
}
