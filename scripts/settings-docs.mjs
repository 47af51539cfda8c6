// Writes docs/settings.md from what the processes declare, so that the page cannot drift from the code.
//
// `npm run docs` writes it; with --check nothing is written, and a page that differs fails. It reads the compiled
// packages, so it runs after the build, apart from `npm run gen`, which comes before one.

import './check-node.mjs';

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './projects.mjs';

const page = 'docs/settings.md';

/** What a build has made of a source. */
const compiled = (path) => import(new URL(`../${path}`, import.meta.url));

const introduction = `# Settings

<!-- Made by npm run docs from the declarations in packages/config and packages/cli. Do not edit. -->

Every setting is a flag and an environment variable. A flag wins over its variable, the variable over the default; an
empty variable counts as absent. An unknown flag is an error, which names the nearest known one; unknown variables are
ignored, because one environment serves many processes.

- Sizes take a unit or none: \`4096\`, \`64KB\` (1,000 bytes each), \`64MiB\` (1,024 × 1,024 each). Durations need one:
  \`500ms\`, \`10s\`, \`2m\`, \`1h\`.
- Lists are separated by commas, and their flag may be repeated.
- A boolean is switched by \`--x\`, \`--no-x\` or \`--x=false\`; its variable takes \`true\` and \`false\`.
- Relative paths begin where the process was started.

\`npx weft help settings\` prints the same tables. The commands that ask a router read \`WEFT_ROUTER\` and \`WEFT_TOKEN\`
beside their flags. When traces are exported, OpenTelemetry's own variables hold too, such as
\`OTEL_TRACES_SAMPLER\`, \`OTEL_EXPORTER_OTLP_HEADERS\` and \`OTEL_RESOURCE_ATTRIBUTES\`.
`;

/** Who takes what, from the code itself: a setting that no group documents, or that a group only partly gives, throws. */
function whoTakesWhat(groups, processes) {
  const documented = new Set(groups.flatMap(({ settings }) => Object.keys(settings)));
  for (const [name, settings] of processes) {
    const unknown = Object.keys(settings).filter((key) => !documented.has(key));
    assert.deepEqual(unknown, [], `${name} has settings that belong to no group`);
  }
  const takes = (settings, group) => {
    const keys = Object.keys(group.settings);
    const taken = keys.filter((key) => Object.hasOwn(settings, key));
    assert.ok(taken.length === 0 || taken.length === keys.length, `${group.title}: taken in part`);
    return taken.length > 0;
  };
  const rows = groups.map((group) => [
    group.title,
    ...processes.map(([, settings]) => (takes(settings, group) ? 'yes' : '')),
  ]);
  return table(['', ...processes.map(([name]) => code(name))], rows);
}

/** The flags of \`weft up\` name the component; a process of its own calls its ports plainly. */
function ports(processes, upSettings) {
  const rows = processes
    .filter(([name]) => name !== 'weft up')
    .map(([name, { port, metricsPort }]) => {
      const prefix = name === 'router' ? '--' : `--${name}-`;
      const own = name === 'router' ? ['port', 'metricsPort'] : [`${name}Port`, `${name}MetricsPort`];
      assert.deepEqual(
        own.map((key) => upSettings[key].default),
        [port.default, metricsPort.default],
        name,
      );
      return [name, port.default, metricsPort.default, code(`${prefix}port`), code(`${prefix}metrics-port`)];
    });
  return table(['process', 'gRPC', 'metrics', 'flag of `weft up`', 'flag of `weft up`, metrics'], rows);
}

/** Settings whose default in a process is not that of the group, the ports aside. */
function otherDefaults(groups, processes) {
  const lines = processes.flatMap(([name, settings]) =>
    groups.flatMap((group) =>
      Object.entries(group.settings)
        .filter(([key]) => !/port$/i.test(key) && Object.hasOwn(settings, key))
        .map(([key, setting]) => [key, ...[settings[key], setting].map((one) => shownDefault(key, one))])
        .filter(([, own, usual]) => own !== usual)
        .map(([key, own]) => `- ${code(name)}: ${code(flagOf(key))} is ${code(own)} by default.`),
    ),
  );
  return lines.join('\n');
}

/** As the parser takes it. */
const shownDefault = (key, setting) => describeSettings({ [key]: setting })[0].default;

const code = (text) => `\`${text}\``;
const table = (head, rows) => {
  const [first, ...others] = [head, ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [first, `|${'---|'.repeat(head.length)}`, ...others].join('\n');
};

const { describeSettings, flagOf, settingsMarkdown } = await compiled('packages/config/dist/index.js');
const { settingGroups } = await compiled('packages/cli/dist/up/setting-groups.js');
const { upSettings, serviceNames } = await compiled('packages/cli/dist/up/up-settings.js');

const processes = [['weft up', upSettings]];
for (const name of ['router', ...serviceNames]) {
  processes.push([name, (await compiled(`services/${name}/dist/config.js`))[`${name}Settings`]]);
}

const text = [
  introduction,
  '## Who takes what\n',
  'Services and router are processes of their own where they run apart, such as `node services/nlp/dist/main.js`.\n',
  `${whoTakesWhat(settingGroups, processes)}\n`,
  `${otherDefaults(settingGroups, processes)}\n`,
  '## Ports\n',
  `${ports(processes, upSettings)}\n`,
  'A process of its own takes `--port` and `--metrics-port` (`WEFT_PORT`, `WEFT_METRICS_PORT`).\n',
  settingsMarkdown(settingGroups),
].join('\n');

const file = join(repositoryRoot, page);
const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text;
if (!process.argv.includes('--check')) {
  if (!isCurrent) writeFileSync(file, text);
  console.log(isCurrent ? `${page} is current` : `${page} written`);
} else if (!isCurrent) {
  console.error(`${page} is out of date`);
  process.exitCode = 1;
}
