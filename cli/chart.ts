import { createColors } from 'picocolors';

export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  readonly colour: boolean;
  /** Printed at the top and the bottom of the scale. */
  readonly label: (value: number) => string;
}

export interface ChartPoint {
  readonly value: number;
  /** Drawn in another colour, with a mark below. */
  readonly marked: boolean;
}

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const WIDEST = 4;

/** Columns of a chart: the largest point of each stretch, so that no spike is lost; several of a point where there are few. */
function stretch(points: readonly ChartPoint[], width: number): ChartPoint[] {
  const times = Math.min(WIDEST, Math.floor(width / points.length));
  if (times >= 1) return points.flatMap((point) => Array.from({ length: times }, () => point));
  return Array.from({ length: width }, (_, i) => {
    const part = points.slice(Math.floor((i * points.length) / width), Math.floor(((i + 1) * points.length) / width));
    return { value: Math.max(...part.map(({ value }) => value)), marked: part.some(({ marked }) => marked) };
  });
}

/** Values as columns, top line first; a line of marks below where there are any. */
export function columnChart(points: readonly ChartPoint[], { width, height, colour, label }: ChartOptions): string {
  const pc = createColors(colour);
  const columns = stretch(points, width);
  const most = Math.max(1, ...columns.map(({ value }) => value));
  const margin = Math.max(label(most).length, label(0).length);
  const lines = Array.from({ length: height }, (_, line) => {
    const base = (height - 1 - line) * 8;
    const drawn = columns.map(({ value, marked }) => {
      const filled = Math.round((value / most) * height * 8);
      // What is not zero is seen.
      const sign = EIGHTHS[Math.max(0, Math.min(8, (value > 0 ? Math.max(1, filled) : 0) - base))] ?? ' ';
      return marked ? pc.red(sign) : sign;
    });
    const scale = line === 0 ? label(most) : line === height - 1 ? label(0) : '';
    return `${scale.padStart(margin)} ${drawn.join('')}`.trimEnd();
  });
  const marks = columns.map(({ marked }) => (marked ? pc.red('▲') : ' ')).join('');
  return [...lines, ...(columns.some(({ marked }) => marked) ? [`${' '.repeat(margin)} ${marks}`.trimEnd()] : [])].join('\n');
}
