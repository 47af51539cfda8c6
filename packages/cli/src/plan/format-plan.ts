// A plan in words and figures.
import { formatDuration } from '@weft/config';
import { formatShare } from '../format/format-rollout.ts';
import { type Column, formatTable } from '../format/format-table.ts';
import { batchCurve } from './batch-curve.ts';
import type { ModelProfile } from './model-profile.ts';
import type { Load, Outlook, Plan } from './plan-replicas.ts';

const columnsFor = ({ rate, reserve }: Load): readonly Column[] => [
  { title: 'REPLICAS', align: 'right' },
  { title: 'IN TIME', align: 'right' },
  { title: `AT ${formatRate(rate * (1 + reserve))}`, align: 'right' },
  { title: 'GOODPUT', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P99', align: 'right' },
  { title: 'BUSY', align: 'right' },
  { title: 'BATCH', align: 'right' },
  { title: '' },
];

export function formatPlan(profile: ModelProfile, load: Load, { least, outlooks }: Plan): string {
  const marks = new Map([
    [least, 'the least'],
    [least + 1, 'one to spare'],
  ]);
  const rows = outlooks.map((outlook) => [...formatOutlook(outlook), marks.get(outlook.replicas) ?? '']);
  return [
    describeProfile(profile),
    describeLoad(load),
    '',
    formatTable(columnsFor(load), rows),
    '',
    verdict(least),
  ].join('\n');
}

function describeProfile({ model, version, method, source, maxRows, times, instances }: ModelProfile): string {
  const curve = batchCurve(times, maxRows);
  const sizes = maxRows === 1 ? [1] : [1, maxRows];
  const batches = sizes.map((rows) => `${formatMs(curve(rows))} for ${rows === 1 ? 'one row' : `${rows} rows`}`);
  const name = [model, version].filter((part) => part !== '').join(' ');
  const called = method === '' ? '' : ` ${method.slice(method.lastIndexOf('/') + 1)}`;
  const several = instances === 1 ? '' : `; ${instances} instances a replica`;
  return `${name}${called}: ${batches.join(', ')}${several} (${source})`;
}

function describeLoad({ rate, rows, deadlineMs, share, reserve }: Load): string {
  const each = rows === 1 ? '' : ` of ${rows} rows`;
  const spare = reserve === 0 ? '' : `, and when ${formatShare(reserve)} more arrive`;
  return `${rate} requests a second${each}, ${formatShare(share)} within ${formatDuration(deadlineMs)}${spare}`;
}

function verdict(least: number): string {
  const enough = least === 1 ? '1 replica is' : `${least} replicas are`;
  return `${enough} enough. Run ${least + 1}: a rolling update, or a machine that is lost, takes one away.`;
}

function formatOutlook({
  replicas,
  inTime,
  inTimeWithReserve,
  goodput,
  p50Ms,
  p99Ms,
  busy,
  batchRows,
}: Outlook): string[] {
  return [
    String(replicas),
    formatPart(inTime),
    formatPart(inTimeWithReserve),
    formatRate(goodput),
    formatMs(p50Ms),
    formatMs(p99Ms),
    `${Math.round(100 * busy)}%`,
    String(batchRows),
  ];
}

/** Never rounded up: what is not enough does not look as if it were. */
function formatPart(share: number): string {
  return `${(Math.floor(10_000 * share) / 100).toFixed(2)}%`;
}

function formatRate(rate: number): string {
  return `${rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(3))}/s`;
}

/** Who is turned away is never answered. */
function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
