import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawPlot } from './draw-plot.ts';
import { axis, frame, type Plot } from './plot.ts';

const plot: Plot = {
  alt: 'Sizes & <weights>.',
  width: 400,
  height: 300,
  option: {
    ...frame('Sizes'),
    dataset: {
      source: [
        ['a', 1, 2],
        ['b', 2, 1],
      ],
    },
    xAxis: axis('what', { type: 'category' }),
    yAxis: axis('size, mm', { type: 'value' }),
    series: [
      { name: 'bars', type: 'bar' },
      { name: 'line', type: 'line' },
    ],
  },
};

test('a plot is drawn the same, however many have been drawn before', () => {
  assert.equal(drawPlot(plot), drawPlot(plot));
});

test('title, axes with their units, series and words for who does not see it are in the picture', () => {
  const svg = drawPlot(plot);
  for (const text of ['Sizes', 'what', 'size, mm', 'bars', 'line']) assert.match(svg, new RegExp(`>${text}</text>`));
  assert.match(svg, /<title>Sizes &amp; &lt;weights>\.<\/title>/);
  assert.match(svg, /<rect width="400" height="300"[^>]* fill="#ffffff">/);
});
