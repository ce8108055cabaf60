/** A question's answer on a CloudWatch dashboard: markup and drawings without script or style sheet, which custom widgets do not take. */
import { renderToString } from 'preact-render-to-string';
import type { Row } from '../lib/analysis/columns';
import { humanValue } from '../lib/analysis/human';
import type { AnalysisDefinition } from '../lib/analysis/schema';
import { AnalysisChart } from './charts/analysis';

const WIDTH = 800;

export function widgetHtml(analysis: AnalysisDefinition, rows: readonly Row[]): string {
  const drawn = analysis.chart.type === 'line' || analysis.chart.type === 'heatmap';
  return renderToString(
    rows.length === 0 ? (
      <p>No rows in this time range.</p>
    ) : drawn ? (
      <AnalysisChart of={analysis} rows={rows} width={WIDTH} />
    ) : (
      <RowTable analysis={analysis} rows={rows} />
    ),
  );
}

/** Every column; a bar behind the one that the chart is about. */
function RowTable({ analysis: { columns, chart }, rows }: { readonly analysis: AnalysisDefinition; readonly rows: readonly Row[] }) {
  const { y } = chart;
  const most = chart.type === 'bar' && y !== undefined ? Math.max(...rows.map((row) => Number(row[y] ?? 0))) : 0;
  const bar = (row: Row, name: string) => {
    const share = name === y && most > 0 ? Math.round((100 * Number(row[name] ?? 0)) / most) : 0;
    return share > 0 ? { background: `linear-gradient(to right,rgba(61,126,219,.25) ${share}%,transparent ${share}%)` } : {};
  };
  return (
    <table>
      <thead>
        <tr>
          {columns.map(({ name }) => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          <tr key={i}>
            {columns.map(({ name, unit }) => (
              <td key={name} style={bar(row, name)}>
                {humanValue(row[name] ?? null, unit)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
