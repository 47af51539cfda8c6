// The tables of the profile: times, and what larger batches gain.
import type { BenchReport } from '../bench.ts';
import { rounded } from '../statistics.ts';
import type { Table } from '../table.ts';
import { enoughRows, fitLine, gainOver, type Line } from './fit-line.ts';
import type { MeasuredSize } from './measure-model.ts';

export interface ProfiledModel {
  readonly service: string;
  readonly name: string;
  /** Full path of the typed method that was called. */
  readonly method: string;
  /** Where it ran: cpu, wasm, … */
  readonly provider: string;
  readonly maxRows: number;
  readonly sizes: readonly MeasuredSize[];
  readonly tooSlow: readonly number[];
}

interface Derived extends ProfiledModel {
  readonly line: Line | undefined;
  readonly enough: number;
}

/** `unmeasured` says of what there are no figures, and why: such a run does not count. */
export function reportProfile(models: readonly ProfiledModel[], unmeasured: readonly string[]): BenchReport {
  const derived = models.map((model): Derived => {
    const line = fitLine(model.sizes);
    return { ...model, line: line && roundedLine(line), enough: enoughRows(model.sizes) };
  });
  return {
    figures: { models: derived },
    tables: [timesTable(derived), gainTable(derived)],
    verdicts: [],
    invalid: [...unmeasured],
  };
}

function roundedLine({ startMs, perRowMs }: Line): Line {
  return { startMs: rounded(startMs), perRowMs: rounded(perRowMs) };
}

/** All sizes that any model was measured with. */
function columnsOf(models: readonly ProfiledModel[]): number[] {
  return [...new Set(models.flatMap(({ sizes }) => sizes.map(({ rows }) => rows)))].sort((a, b) => a - b);
}

function timesTable(models: readonly Derived[]): Table {
  const columns = columnsOf(models);
  return {
    title: 'Time of a batch of b rows in ms, median; the line through the times',
    columns: ['', 'runs on', ...columns.map((rows) => `b = ${rows}`), 'a + c·b'],
    rows: models.map((model) => [
      model.name,
      model.provider,
      ...columns.map((rows) => {
        const size = model.sizes.find((each) => each.rows === rows);
        if (size !== undefined) return digits(size.ms);
        return model.tooSlow.includes(rows) ? 'too long' : '–';
      }),
      model.line === undefined ? '–' : `${digits(model.line.startMs)} + ${digits(model.line.perRowMs)}·b`,
    ]),
  };
}

function gainTable(models: readonly Derived[]): Table {
  const columns = columnsOf(models).filter((rows) => rows > 1);
  return {
    title: 'Rows a second with batches of b, as a multiple of those with batches of one',
    columns: ['', 'largest batch', ...columns.map((rows) => `b = ${rows}`), 'enough'],
    rows: models.map((model) => [
      model.name,
      String(model.maxRows),
      ...columns.map((rows) => {
        const size = model.sizes.find((each) => each.rows === rows);
        return size === undefined ? '–' : gainOver(model.sizes[0] as MeasuredSize, size).toFixed(2);
      }),
      String(model.enough),
    ]),
  };
}

function digits(ms: number): string {
  return ms.toFixed(Math.abs(ms) < 10 ? 2 : Math.abs(ms) < 100 ? 1 : 0);
}
