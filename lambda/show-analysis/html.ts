import type { Row } from '../../lib/analysis/columns';
import { humanValue } from '../../lib/analysis/human';
import type { AnalysisDefinition } from '../../lib/analysis/schema';

const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const numberOf = (row: Row, name: string) => Number(row[name] ?? 0);

/** Rows by the chart hint of the analysis; no script, as CloudWatch wants it. */
export function htmlOf(analysis: AnalysisDefinition, rows: readonly Row[]): string {
  if (rows.length === 0) return '<p>No rows in this time range.</p>';
  switch (analysis.chart.type) {
    case 'line':
      return lines(analysis, rows);
    case 'heatmap':
      return heatMap(analysis, rows);
    default:
      return table(analysis, rows);
  }
}

function table({ columns, chart }: AnalysisDefinition, rows: readonly Row[]): string {
  const most = chart.type === 'bar' && chart.y !== undefined ? Math.max(...rows.map((row) => numberOf(row, chart.y ?? ''))) : 0;
  const head = columns.map(({ name }) => `<th>${escape(name)}</th>`).join('');
  const cell = (row: Row, name: string, text: string) => {
    const share = name === chart.y && most > 0 ? Math.round((100 * numberOf(row, name)) / most) : 0;
    const bar = share > 0 ? ` style="background:linear-gradient(to right,rgba(31,119,180,.25) ${share}%,transparent ${share}%)"` : '';
    return `<td${bar}>${escape(text)}</td>`;
  };
  const body = rows
    .map((row) => `<tr>${columns.map(({ name, unit }) => cell(row, name, humanValue(row[name] ?? null, unit))).join('')}</tr>`)
    .join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

const COLOURS = ['#1f77b4', '#aec7e8', '#c6dbef', '#d62728', '#ff9896', '#fcbba1', '#2ca02c', '#9467bd'];
const [WIDTH, HEIGHT] = [800, 220];

/** One line a numeric column, or one a value of the series column. */
function lines({ columns, chart }: AnalysisDefinition, rows: readonly Row[]): string {
  const x = chart.x ?? columns[0]?.name ?? '';
  const xs = [...new Set(rows.map((row) => String(row[x])))].sort();
  const series = new Map<string, Map<string, number>>();
  const put = (name: string, row: Row, column: string) => {
    if (row[column] === null || row[column] === undefined) return;
    series.set(name, (series.get(name) ?? new Map<string, number>()).set(String(row[x]), numberOf(row, column)));
  };
  const { series: by, y } = chart;
  for (const row of rows) {
    if (by !== undefined && y !== undefined) put(String(row[by]), row, y);
    else for (const { name, type } of columns) if (type === 'integer' || type === 'number') put(name, row, name);
  }
  const most = Math.max(1, ...[...series.values()].flatMap((values) => [...values.values()]));
  const at = (i: number, value: number) =>
    `${Math.round((WIDTH * i) / Math.max(1, xs.length - 1))},${Math.round(HEIGHT - (HEIGHT * value) / most)}`;
  const drawn = [...series].map(([, values], i) => {
    const points = xs.flatMap((one, k) => (values.has(one) ? [at(k, values.get(one) ?? 0)] : []));
    return `<polyline fill="none" stroke="${COLOURS[i % COLOURS.length] ?? ''}" stroke-width="2" points="${points.join(' ')}"/>`;
  });
  const legend = [...series.keys()]
    .map((name, i) => `<span style="color:${COLOURS[i % COLOURS.length] ?? ''}">&#9644; ${escape(name)}</span>`)
    .join(' &#160; ');
  const unit = columns.find(({ name }) => name === chart.y)?.unit;
  return `<p>${legend}</p><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%">${drawn.join('')}</svg><p>${escape(xs[0] ?? '')} to ${escape(xs.at(-1) ?? '')}; at most ${escape(humanValue(most, unit))}</p>`;
}

function heatMap({ columns, chart }: AnalysisDefinition, rows: readonly Row[]): string {
  const { x = '', y = '', series = '' } = chart;
  const order = (name: string) =>
    [...new Set(rows.map((row) => row[name] ?? null))].sort((a, b) =>
      typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
    );
  const [xs, ys] = [order(x), order(y)];
  const most = Math.max(1, ...rows.map((row) => numberOf(row, series)));
  const unitOf = (name: string) => columns.find((column) => column.name === name)?.unit;
  const cells = ys.map((one) => {
    const line = xs.map((other) => {
      const row = rows.find((candidate) => candidate[x] === other && candidate[y] === one);
      const value = row === undefined ? 0 : numberOf(row, series);
      return `<td title="${escape(humanValue(value, unitOf(series)))}" style="background:rgba(214,39,40,${(value / most).toFixed(2)})">&#160;</td>`;
    });
    return `<tr><th>${escape(humanValue(one, unitOf(y)))}</th>${line.join('')}</tr>`;
  });
  return `<table><thead><tr><th></th>${xs.map((one) => `<th>${escape(humanValue(one, unitOf(x)))}</th>`).join('')}</tr></thead><tbody>${cells.join('')}</tbody></table>`;
}
