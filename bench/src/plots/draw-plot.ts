// Draws a plot as SVG. Apache ECharts renders to a string, without a browser and without native code.
import { BarChart, LineChart } from 'echarts/charts';
import { DatasetComponent, GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Plot } from './plot.ts';

use([BarChart, LineChart, DatasetComponent, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** The same text for the same plot, however many have been drawn before. */
export function drawPlot({ option, width, height, alt }: Plot): string {
  const chart = init(undefined, undefined, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${titled(renumbered(withoutMouse(svg)), alt)}\n`;
}

/** Leaves out what would only tell a mouse what it points at. */
function withoutMouse(svg: string): string {
  return svg
    .replaceAll(/<style[^>]*>.*?<\/style>\n?/gs, '')
    .replaceAll(/ (?:pointer-events|class|ecmeta_\w+)="[^"]*"/g, '');
}

/** ECharts numbers its pictures, and the clips of each, as long as it lives. */
function renumbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/\bzr\d+-c\d+\b/g, (name) => {
    const known = names.get(name) ?? `clip-${names.size + 1}`;
    names.set(name, known);
    return known;
  });
}

function titled(svg: string, alt: string): string {
  const title = `<title>${alt.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>`;
  return svg.replace(/^<svg ([^>]*)>/, (_, attributes: string) => `<svg role="img" ${attributes}>\n${title}`);
}
