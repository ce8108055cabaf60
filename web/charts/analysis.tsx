/**
 * A question's chart, drawn once: by the explorer and by the widgets of a CloudWatch dashboard. Those have no style sheet:
 * attributes give each shape its colour there, and the explorer's classes override them.
 */
import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import type { Row, Value } from '../../lib/analysis/columns';
import { humanValue } from '../../lib/analysis/human';
import { timeTick } from './format';
import { type ChartOf, type Point, type Series, seriesOf } from './series';

export interface AnalysisChartProps {
  readonly of: ChartOf;
  readonly rows: readonly Row[];
  readonly width: number;
}

const HEIGHT = 200;
const MOST_BARS = 20;
const TEXT = { fill: '#687078', 'font-size': '11', 'font-family': 'sans-serif' } as const;

export function AnalysisChart(props: AnalysisChartProps) {
  switch (props.of.chart.type) {
    case 'bar':
      return <BarList {...props} />;
    case 'line':
      return <Lines {...props} />;
    case 'heatmap':
      return <Cells {...props} />;
    case 'number':
      return <Numbers {...props} />;
    case 'table':
      return null;
  }
}

const unitOf = ({ columns }: ChartOf, name: string | undefined) => columns.find((column) => column.name === name)?.unit;

function BarList({ of, rows }: AnalysisChartProps) {
  const { x, y } = of.chart;
  if (x === undefined || y === undefined) return null;
  const shown = rows.slice(0, MOST_BARS);
  const most = Math.max(1, ...shown.map((row) => Number(row[y] ?? 0)));
  return (
    <ul class="bars">
      {shown.map((row, i) => (
        <li key={i} class="bar-row">
          <span class="bar" style={{ width: `${(100 * Number(row[y] ?? 0)) / most}%` }} />
          <span class="bar-label">
            <bdi>{humanValue(row[x] ?? null, unitOf(of, x))}</bdi>
          </span>
          <span class="bar-value">{humanValue(row[y] ?? null, unitOf(of, y))}</span>
        </li>
      ))}
    </ul>
  );
}

function Numbers({ of, rows }: AnalysisChartProps) {
  const [row] = rows;
  if (row === undefined || rows.length !== 1) return null;
  return (
    <p class="big">
      {of.columns.map(({ name, unit }) => (
        <span key={name}>
          <b>{humanValue(row[name] ?? null, unit)}</b> {name.replaceAll('_', ' ')}
        </span>
      ))}
    </p>
  );
}

/** The colours of the overview for what it draws too, others by turns. The past of a series is dashed. */
const NAMED: Readonly<Record<string, string>> = { accepted: '#3d7edb', rejected: '#d6492c' };
const TURNS = ['#3d7edb', '#d6492c', '#2f9e77', '#b0751a', '#8a5cd1', '#6b7a8c'];
const DASHES: readonly [RegExp, string][] = [
  [/_day_before$/, '5 3'],
  [/_week_before$/, '1.5 3'],
];

interface Look {
  readonly class: string;
  readonly colour: string;
  readonly dash: string | undefined;
}

function lookOf(name: string, i: number): Look {
  const past = DASHES.find(([pattern]) => pattern.test(name));
  const base = past === undefined ? name : name.replace(past[0], '');
  const colour = NAMED[base];
  return colour === undefined
    ? { class: `series-${(i % TURNS.length) + 1}`, colour: TURNS[i % TURNS.length] ?? '', dash: past?.[1] }
    : { class: `series-${base}`, colour, dash: past?.[1] };
}

const LEFT = 60;
const RIGHT = 16;

function Lines({ of, rows, width }: AnalysisChartProps) {
  const series = seriesOf(of, rows);
  const points = series?.flatMap(({ parts }) => parts.flat()) ?? [];
  if (series === undefined || points.length === 0) return null;
  const unit = unitOf(of, of.chart.y);
  const times = scaleUtc(
    [new Date(Math.min(...points.map((p) => p.time))), new Date(Math.max(...points.map((p) => p.time)))],
    [LEFT, width - RIGHT],
  );
  const values = scaleLinear([0, Math.max(1, ...points.map((p) => p.value))], [HEIGHT - 22, 8]).nice(4);
  const x = (p: Point) => times(new Date(p.time));
  const y = (p: Point) => values(p.value);
  const path = line<Point>(x, y);
  return (
    <figure class="analysis">
      {series.length > 1 && <Legend series={series} />}
      <svg class="chart" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${of.title}, over time`}>
        {values.ticks(4).map((tick) => (
          <g key={tick}>
            <line class="grid" stroke="#d5dbdb" x1={LEFT} x2={width - RIGHT} y1={values(tick)} y2={values(tick)} />
            <text class="axis" {...TEXT} x={LEFT - 6} y={values(tick)} dy="0.32em" text-anchor="end">
              {humanValue(tick, unit)}
            </text>
          </g>
        ))}
        {times.ticks(Math.max(2, Math.floor(width / 130))).map((tick) => (
          <text key={tick.getTime()} class="axis" {...TEXT} x={times(tick)} y={HEIGHT - 5} text-anchor="middle">
            {timeTick(tick)}
          </text>
        ))}
        {series.map(({ name, parts }, i) => {
          const look = lookOf(name, i);
          return (
            <g key={name} class={look.class}>
              <title>{name}</title>
              {parts.map((part, k) =>
                part.length === 1 ? (
                  part.map((point) => <circle key={k} class="dot" r={2.5} cx={x(point)} cy={y(point)} fill={look.colour} />)
                ) : (
                  <path
                    key={k}
                    class="line"
                    d={path(part) ?? ''}
                    fill="none"
                    stroke={look.colour}
                    stroke-width="1.8"
                    stroke-dasharray={look.dash}
                  />
                ),
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

function Legend({ series }: { readonly series: readonly Series[] }) {
  return (
    <figcaption class="keys">
      {series.map(({ name }, i) => {
        const look = lookOf(name, i);
        return (
          <span key={name} class={look.class}>
            <svg width="22" height="8" aria-hidden="true">
              <line class="line" x1="1" x2="21" y1="4" y2="4" stroke={look.colour} stroke-width="1.8" stroke-dasharray={look.dash} />
            </svg>{' '}
            <bdi>{name.replaceAll('_', ' ')}</bdi>{' '}
          </span>
        );
      })}
    </figcaption>
  );
}

const CELLS_LEFT = 110;
const CELL = 22;

/** Even where nothing was counted a cell is there: white is no data. */
const shade = (value: number, most: number) => 0.12 + 0.88 * Math.sqrt(value / most);

function Cells({ of, rows, width }: AnalysisChartProps) {
  const { x, y, series } = of.chart;
  if (x === undefined || y === undefined || series === undefined) return null;
  const unique = (name: string) =>
    [...new Set(rows.map((row) => row[name] ?? null))].sort((a, b) => Number(a) - Number(b) || (String(a) < String(b) ? -1 : 1));
  const [xs, ys] = [unique(x), unique(y)];
  const most = Math.max(1, ...rows.map((row) => Number(row[series] ?? 0)));
  const step = (width - CELLS_LEFT) / Math.max(1, xs.length);
  const height = ys.length * CELL + 20;
  const every = Math.ceil(xs.length / Math.max(1, Math.floor((width - CELLS_LEFT) / 70)));
  const text = (value: Value | undefined, name: string) => humanValue(value ?? null, unitOf(of, name));
  return (
    <figure class="analysis">
      <figcaption class="keys">
        <span>0</span>
        <svg width="120" height="10" aria-hidden="true">
          {[0, 1, 2, 3, 4, 5].map((part) => (
            <rect
              key={part}
              class="cell"
              fill="#3d7edb"
              x={part * 20}
              y="0"
              width="19"
              height="10"
              style={{ fillOpacity: shade((most * part ** 2) / 25, most) }}
            />
          ))}
        </svg>
        <span>
          {text(most, series)} {unitOf(of, series) === 'bytes' ? '' : series.replaceAll('_', ' ')}
        </span>
      </figcaption>
      <svg class="chart" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={of.title}>
        {rows.map((row, i) => (
          <rect
            key={i}
            class="cell"
            fill="#3d7edb"
            x={CELLS_LEFT + xs.indexOf(row[x] ?? null) * step}
            y={ys.indexOf(row[y] ?? null) * CELL}
            width={Math.max(1, step - 1)}
            height={CELL - 1}
            rx={2}
            style={{ fillOpacity: shade(Number(row[series] ?? 0), most) }}
          >
            <title>{`${text(row[y], y)}, ${text(row[x], x)}: ${text(row[series], series)}`}</title>
          </rect>
        ))}
        {ys.map((value, i) => (
          <text key={String(value)} class="axis" {...TEXT} x={CELLS_LEFT - 6} y={i * CELL + CELL / 2} dy="0.32em" text-anchor="end">
            {text(value, y).slice(0, 16)}
          </text>
        ))}
        {xs.map((value, i) =>
          i % every === 0 ? (
            <text key={String(value)} class="axis" {...TEXT} x={CELLS_LEFT + i * step} y={ys.length * CELL + 14}>
              {text(value, x).slice(0, 10)}
            </text>
          ) : null,
        )}
      </svg>
    </figure>
  );
}
