// The picture of the goodput bench: what each strategy answers in time, against what it is offered.
import { axis, frame, type Plot, plotColors } from '../plots/plot.ts';
import { type GoodputFigures, pointAt } from './figures.ts';
import { oneGreedy, roundRobin, weft } from './strategy.ts';

const offered = 'offered';
/** The plot's word for a value that is not there. */
const nothing = '-';

const colors: Readonly<Record<string, string>> = {
  [weft.name]: plotColors.blue,
  [oneGreedy.name]: plotColors.orange,
  [roundRobin.name]: plotColors.vermillion,
};

/** Of the figures in bench/results/goodput.json. */
export function plotGoodput(figures: unknown): Plot {
  const { strategies, rawCapacity } = figures as GoodputFigures;
  const loads = strategies[0]?.ladder.map(({ load }) => load) ?? [];
  const names = strategies.map(({ strategy }) => strategy);
  const answered = (load: number): (number | string)[] =>
    strategies.map((figures) => pointAt(figures, load)?.goodput.median ?? nothing);
  return {
    alt: 'Requests answered in time per second against offered load, a line for each strategy.',
    width: 860,
    height: 480,
    option: {
      ...frame('Answered in time, against offered load'),
      xAxis: axis(
        `offered load, as a share of the raw capacity of ${rawCapacity.toFixed(0)} requests/s (logarithmic)`,
        {
          type: 'log',
          min: Math.min(...loads),
          max: Math.max(...loads),
          axisLabel: { customValues: loads, hideOverlap: true },
          axisTick: { customValues: loads },
          splitLine: { show: false },
        },
      ),
      yAxis: axis('answered in time, requests/s', { type: 'value', min: 0, nameGap: 50 }),
      dataset: {
        dimensions: ['load', offered, ...names],
        source: loads.map((load) => [load, load > 1 ? nothing : load * rawCapacity, ...answered(load)]),
      },
      series: [
        line(offered, { color: plotColors.grey, width: 1.5, type: 'dashed' }),
        ...names.map((name) =>
          line(name, { color: colors[name] ?? plotColors.grey, width: name === weft.name ? 3 : 2, type: 'solid' }),
        ),
      ],
    },
  };
}

/** Of the column with its name. */
function line(
  name: string,
  lineStyle: { readonly color: string; readonly width: number; readonly type: 'solid' | 'dashed' },
): object {
  const symbol = name === offered ? 'none' : 'circle';
  const itemStyle = { color: lineStyle.color };
  const z = name === weft.name ? 3 : 2;
  return { name, type: 'line', encode: { x: 'load', y: name }, symbol, symbolSize: 6, lineStyle, itemStyle, z };
}
