// A picture of a bench's figures for docs/images: what is to be drawn, and words for those who do not see it. The library
// that draws it is loaded by draw-plot.ts alone.
import type { EChartsCoreOption } from 'echarts/core';

export interface Plot {
  /** A sentence that says what the picture shows. */
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly option: EChartsCoreOption;
}

/** Those of Okabe and Ito, which differ for colour-blind readers too. */
export const plotColors = {
  blue: '#0072b2',
  vermillion: '#d55e00',
  orange: '#e69f00',
  green: '#009e73',
  purple: '#cc79a7',
  sky: '#56b4e9',
  grey: '#8a8f98',
} as const;

const ink = '#24292f';
const legendText = { color: ink, fontSize: 12 };

/** Axes on a white ground, so that a picture reads the same on light and dark pages. */
export function frame(title: string): Record<string, unknown> {
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { color: ink, fontFamily: 'Helvetica, Arial, sans-serif', fontSize: 13 },
    title: { text: title, left: 'center', top: 10, textStyle: { color: ink, fontSize: 15, fontWeight: 600 } },
    // Wide gaps: whoever shows the picture may have a wider font than the one whose widths are known here.
    legend: { bottom: 10, icon: 'roundRect', itemWidth: 18, itemHeight: 8, itemGap: 22, textStyle: legendText },
    grid: { left: 70, right: 30, top: 52, bottom: 96 },
  };
}

export function axis(
  name: string,
  { axisLabel, ...more }: { readonly axisLabel?: object } & Record<string, unknown>,
): Record<string, unknown> {
  return {
    name,
    nameLocation: 'middle',
    nameGap: 36,
    nameTextStyle: { color: ink, fontSize: 13 },
    axisLabel: { color: ink, fontSize: 12, ...axisLabel },
    axisLine: { show: true, lineStyle: { color: ink } },
    splitLine: { show: true, lineStyle: { color: '#e3e6ea' } },
    ...more,
  };
}
