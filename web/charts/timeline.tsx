import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import type { Domain } from '../../lib/explore/steps';
import { full, interval, percent, short, timeTick } from './format';

export const MARGIN = { left: 52, right: 12, top: 8, bottom: 20 };
const HEIGHT = 170;
const RATE_HEIGHT = 44;

export interface Bucket {
  readonly time: number;
  readonly rows: { accepted: number; rejected: number; other: number; acceptedRecords: number; rejectedRecords: number; previous: number };
}

/** One entry per bucket of the domain that has any records. */
export function bucketsOf(rows: readonly PanelRow[], measure: Measure): Bucket[] {
  const buckets = new Map<number, Bucket>();
  for (const row of rows) {
    const at = Number(row.key[0]);
    const bucket = buckets.get(at) ?? {
      time: at,
      rows: { accepted: 0, rejected: 0, other: 0, acceptedRecords: 0, rejectedRecords: 0, previous: 0 },
    };
    const kind = row.key[1] === 'REJECT' ? 'rejected' : row.key[1] === 'ACCEPT' ? 'accepted' : 'other';
    bucket.rows[kind] += row[measure];
    if (kind === 'rejected') bucket.rows.rejectedRecords += row.records;
    else bucket.rows.acceptedRecords += row.records;
    bucket.rows.previous += row.previous ?? 0;
    buckets.set(at, bucket);
  }
  return [...buckets.values()].sort((a, b) => a.time - b.time);
}

export interface TimelineProps {
  readonly rows: readonly PanelRow[];
  readonly domain: Domain;
  readonly measure: Measure;
  readonly width: number;
  readonly compare: boolean;
}

export const timeScale = ({ from, to }: Domain, width: number) =>
  scaleUtc([new Date(from * 1000), new Date(to * 1000)], [MARGIN.left, width - MARGIN.right]);

/** Stacked counts, and below them the share of records that was rejected. */
export function Timeline({ rows, domain, measure, width, compare }: TimelineProps) {
  const buckets = bucketsOf(rows, measure);
  const x = timeScale(domain, width);
  const most = Math.max(1, ...buckets.map(({ rows: r }) => Math.max(r.accepted + r.rejected + r.other, compare ? r.previous : 0)));
  const y = scaleLinear([0, most], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4);
  const bar = Math.max(1, ((width - MARGIN.left - MARGIN.right) * domain.step) / (domain.to - domain.from) - (width > 600 ? 0.8 : 0.3));
  const base = HEIGHT - MARGIN.bottom;
  const at = (seconds: number) => x(new Date(seconds * 1000));
  const rate = ({ acceptedRecords, rejectedRecords }: Bucket['rows']) => rejectedRecords / Math.max(1, acceptedRecords + rejectedRecords);
  const rateY = scaleLinear([0, 1], [RATE_HEIGHT - 4, 6]);
  const previous = compare
    ? line<Bucket>(
        (bucket) => at(bucket.time + domain.step / 2),
        (bucket) => y(bucket.rows.previous),
      )(buckets)
    : null;
  const ticks = x.ticks(Math.max(3, Math.floor(width / 110))).filter((tick) => tick.getTime() % 1000 === 0);
  return (
    <>
      <svg class="chart" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
        {y
          .ticks(4)
          .filter(Number.isInteger)
          .map((tick) => (
            <g key={tick}>
              <line class="grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
              <text class="axis" x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
                {short(measure, tick)}
              </text>
            </g>
          ))}
        {buckets.map(({ time, rows: r }) => (
          <g key={time}>
            <title>{`${interval(time, time + domain.step)}\n${full(measure, r.accepted)} ${measure} accepted, ${full(measure, r.rejected)} rejected`}</title>
            {r.accepted + r.other > 0 && (
              <rect class="accepted" x={at(time)} width={bar} y={y(r.accepted + r.other)} height={base - y(r.accepted + r.other)} />
            )}
            {r.rejected > 0 && (
              <rect
                class="rejected"
                x={at(time)}
                width={bar}
                y={y(r.accepted + r.other + r.rejected)}
                height={Math.max(1, y(r.accepted + r.other) - y(r.accepted + r.other + r.rejected))}
              />
            )}
          </g>
        ))}
        {previous !== null && <path class="previous" d={previous} />}
        {ticks.map((tick) => (
          <text key={tick.getTime()} class="axis" x={x(tick)} y={HEIGHT - 5} text-anchor="middle">
            {timeTick(tick)}
          </text>
        ))}
      </svg>
      <svg class="chart rate" width={width} height={RATE_HEIGHT} viewBox={`0 0 ${width} ${RATE_HEIGHT}`} aria-hidden="true">
        {[0, 1].map((tick) => (
          <g key={tick}>
            <line class="grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={rateY(tick)} y2={rateY(tick)} />
            <text class="axis" x={MARGIN.left - 6} y={rateY(tick)} dy="0.32em" text-anchor="end">
              {tick * 100}%
            </text>
          </g>
        ))}
        <path
          class="rate-line"
          d={
            line<Bucket>(
              (b) => at(b.time + domain.step / 2),
              (b) => rateY(rate(b.rows)),
            )(buckets) ?? ''
          }
        />
        {buckets.length === 1 && buckets[0] !== undefined && (
          <circle class="rate-dot" r={3} cx={at(buckets[0].time + domain.step / 2)} cy={rateY(rate(buckets[0].rows))} />
        )}
        <title>{`Share of rejected records: ${percent(
          buckets.reduce((sum, { rows: r }) => sum + r.rejectedRecords, 0),
          buckets.reduce((sum, { rows: r }) => sum + r.rejectedRecords + r.acceptedRecords, 0),
        )} over everything shown`}</title>
      </svg>
    </>
  );
}
