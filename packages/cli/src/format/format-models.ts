// The state of all models as a table, and as lines for a log.
import type { ModelsSnapshot } from '@weft/client';
import { type Facts, modelJson, type VersionRow, versionRows } from '../model-states.ts';
import { formatTable } from './format-table.ts';

export function formatModels(snapshot: ModelsSnapshot): string {
  const rows = versionRows(snapshot);
  const titles = ['MODEL', 'VERSION', 'SHARE', 'READY', 'SERVICE', 'NOTE'].map((title) => ({ title }));
  const cells = rows.map(({ model, version, share, ready, service, note }) => [
    model,
    version,
    share,
    ready,
    service,
    note,
  ]);
  const table = rows.length === 0 ? 'no models' : formatTable(titles, cells);
  const { eventLogProblem } = snapshot;
  return eventLogProblem === '' ? table : `${table}\n\n${eventLogLine(eventLogProblem)}`;
}

/** At most `rows` lines, and how many are missing. */
export function cutLines(text: string, rows: number): string {
  const lines = text.split('\n');
  if (lines.length <= rows) return text;
  const kept = Math.max(1, rows - 1);
  return [...lines.slice(0, kept), `… and ${lines.length - kept} more lines`].join('\n');
}

/** A line for each version, by model and version. */
export function textFacts(snapshot: ModelsSnapshot): Facts {
  const rows = versionRows(snapshot).map((row) => [`${row.model} ${row.version}`.trim(), factLine(row)] as const);
  const { eventLogProblem } = snapshot;
  const log = eventLogProblem === '' ? [] : [['event log', eventLogLine(eventLogProblem)] as const];
  return new Map([...rows, ...log].map(([key, line]) => [key, { seen: line, line }]));
}

export function goneText(key: string): string {
  return key === 'event log' ? 'event log: reached again' : `${key}: gone`;
}

function factLine({ model, version, share, ready, note }: VersionRow): string {
  const facts = [share, ready === '' ? '' : `READY ${ready}`, note].filter((fact) => fact !== '');
  return `${`${model} ${version}`.trim()}: ${facts.join(', ').replace(/\s+/g, ' ')}`;
}

function eventLogLine(problem: string): string {
  return `event log: ${problem.replace(/\s+/g, ' ')}`;
}

/** A JSON document for each model. The counts of requests are told, but are no change by themselves. */
export function jsonFacts({ models, eventLogProblem }: ModelsSnapshot): Facts {
  const facts = models.map((model) => {
    const still = { ...model, versions: model.versions.map((version) => ({ ...version, answered: 0, failed: 0 })) };
    const seen = JSON.stringify(modelJson(still));
    return [model.name, { seen, line: JSON.stringify({ model: modelJson(model) }) }] as const;
  });
  const line = JSON.stringify({ eventLogProblem });
  // No model has an empty name.
  return new Map([...facts, ['', { seen: line, line }]]);
}

export function goneJson(name: string): string {
  return JSON.stringify({ gone: name });
}
