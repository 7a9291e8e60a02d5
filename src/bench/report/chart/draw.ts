import type { Chart } from '../../scenario.js';
import { barChart } from './bar-chart.js';
import { lineChart } from './line-chart.js';

/** The text of an SVG file. It reads its colours of ground and letters from whoever shows it: light or dark. */
export function draw(chart: Chart): string {
  switch (chart.kind) {
    case 'bar':
      return barChart(chart);
    case 'line':
      return lineChart(chart);
  }
}
