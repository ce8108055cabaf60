import { useMemo, useRef } from 'preact/hooks';
import { humanCount, humanNumber } from '../lib/analysis/human';
import type { PanelRow } from '../lib/explore/panels';
import type { ExploreState, TimeRange } from '../lib/explore/state';
import { type Domain, stepName } from '../lib/explore/steps';
import { Card, Sized } from './card';
import { interval, short, time } from './charts/format';
import { marksOf } from './charts/marks';
import { MARGIN, Timeline, type TimelineProps, timeScale } from './charts/timeline';
import type { During } from './during';
import type { ToldFinding } from './types';

export interface TimeCardProps {
  readonly state: ExploreState;
  readonly domain: Domain;
  readonly rows: readonly PanelRow[];
  readonly findings: readonly ToldFinding[];
  readonly onBrush: (brush: TimeRange | undefined, done: boolean) => void;
  readonly onZoom: (range: TimeRange | undefined) => void;
  readonly onFinding: (finding: ToldFinding) => void;
  /** Lists the findings of a time. */
  readonly onFindings: (during: During) => void;
  readonly onEnter: () => void;
  /** Absent where the logs have no actions. */
  readonly onAction: ((action: string) => void) | undefined;
}

const HEIGHT = 214;
/** Plot of the counts, and of the share rejected; the axis is between them. */
const PLOTS = [
  { y: 0, height: 150 },
  { y: 172, height: 42 },
] as const;
/** Pixels next to an edge within which the edge can be dragged. */
const GRIP = 7;

interface Drag {
  readonly kind: 'new' | 'from' | 'to' | 'move';
  readonly start: number;
  readonly brush: TimeRange;
}

export function TimeCard(props: TimeCardProps) {
  const { state, domain, rows, findings, onBrush, onZoom } = props;
  const { brush, range } = state;
  const middle = Math.round((domain.from + domain.to) / 2 / domain.step) * domain.step;
  const eighth = Math.max(domain.step, Math.round((domain.to - domain.from) / 16 / domain.step) * domain.step);
  return (
    <Card
      title="Accepted and rejected over time"
      meaning={`Records per ${stepName(domain.step)} by start time; the line below is the share of rejected records. Drag to select a time.`}
      span={12}
      panel="timeline"
      state={state}
      actions={
        <>
          {props.onAction !== undefined && (
            <div class="legend" role="group" aria-label="Only records that were">
              {(['ACCEPT', 'REJECT'] as const).map((action) => (
                <button
                  key={action}
                  type="button"
                  class="quiet"
                  aria-pressed={state.filters.action?.exclude === false && state.filters.action.values.includes(action)}
                  onClick={() => props.onAction?.(action)}
                >
                  <i class={`key ${action === 'ACCEPT' ? 'accepted' : 'rejected'}-key`} /> {action === 'ACCEPT' ? 'accepted' : 'rejected'}
                </button>
              ))}
              {state.compare && (
                <span>
                  <i class="key previous-key" /> before
                </span>
              )}
            </div>
          )}
          {brush === undefined ? (
            <button type="button" onClick={() => onBrush({ from: middle - eighth, to: middle + eighth }, true)}>
              Select a time
            </button>
          ) : (
            <>
              <button type="button" onClick={() => onZoom(brush)}>
                Zoom in
              </button>
              <button type="button" onClick={() => onBrush(undefined, true)}>
                Clear time
              </button>
            </>
          )}
          {range !== undefined && (
            <button type="button" onClick={() => onZoom(undefined)}>
              Zoom out
            </button>
          )}
        </>
      }
    >
      <Sized>
        {(width) => (
          <div class="timeline">
            <Still rows={rows} domain={domain} measure={state.measure} width={width} compare={state.compare} />
            <Brush {...props} width={width} />
            {findings.length > 0 && <Strip {...props} width={width} />}
          </div>
        )}
      </Sized>
    </Card>
  );
}

/** Drawn again only when what it shows has changed: not at every move of the brush above it. */
const Still = ({ rows, domain, measure, width, compare }: TimelineProps) =>
  useMemo(
    () => <Timeline {...{ rows, domain, measure, width, compare }} />,
    [rows, domain.from, domain.to, domain.step, measure, width, compare],
  );

function Brush({ state: { brush }, domain, width, onBrush, onEnter }: TimeCardProps & { readonly width: number }) {
  const drag = useRef<Drag | undefined>(undefined);
  const x = timeScale(domain, width);
  const at = (seconds: number) => x(new Date(seconds * 1000));
  const clamp = (seconds: number) => Math.min(domain.to, Math.max(domain.from, Math.round(seconds / domain.step) * domain.step));
  const secondsAt = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return x.invert(event.clientX - box.left).getTime() / 1000;
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const here = secondsAt(event);
    const pixels = (seconds: number) => Math.abs(at(seconds) - at(here));
    const kind =
      brush === undefined
        ? 'new'
        : pixels(brush.from) < GRIP
          ? 'from'
          : pixels(brush.to) < GRIP
            ? 'to'
            : here > brush.from && here < brush.to
              ? 'move'
              : 'new';
    drag.current = { kind, start: here, brush: brush ?? { from: here, to: here } };
  };
  const move = (event: PointerEvent, done: boolean) => {
    const held = drag.current;
    if (held === undefined) return;
    if (done) drag.current = undefined;
    const here = secondsAt(event);
    if (held.kind === 'new' && Math.abs(at(here) - at(held.start)) < 3) {
      if (done) onBrush(undefined, true);
      return;
    }
    const next =
      held.kind === 'move'
        ? shifted(held.brush, clamp(held.brush.from + here - held.start) - held.brush.from, domain)
        : held.kind === 'new'
          ? ordered(
              Math.floor(Math.min(held.start, here) / domain.step) * domain.step,
              Math.ceil(Math.max(held.start, here) / domain.step) * domain.step,
            )
          : ordered(clamp(held.kind === 'from' ? here : held.brush.from), clamp(held.kind === 'to' ? here : held.brush.to));
    onBrush({ from: Math.max(domain.from, next.from), to: Math.min(domain.to, Math.max(next.to, next.from + domain.step)) }, done);
  };
  const slider = (edge: 'from' | 'to', own: TimeRange) => (
    <g
      role="slider"
      tabindex={0}
      class="handle"
      aria-label={edge === 'from' ? 'Start of the selected time' : 'End of the selected time'}
      aria-valuemin={domain.from}
      aria-valuemax={domain.to}
      aria-valuenow={own[edge]}
      aria-valuetext={`${time(own[edge])} UTC`}
      onKeyDown={(event: KeyboardEvent) => {
        const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12 }[event.key];
        if (steps === undefined) return;
        event.preventDefault();
        const moved = clamp(own[edge] + steps * domain.step);
        const next = { ...own, [edge]: moved };
        if (next.from < next.to) onBrush(next, true);
      }}
    >
      <rect class="grip" x={at(own[edge]) - 5} y={MARGIN.top} width={10} height={HEIGHT - MARGIN.top - 4} />
      <line x1={at(own[edge])} x2={at(own[edge])} y1={MARGIN.top} y2={HEIGHT - 4} />
      <rect class="knob" x={at(own[edge]) - 3} y={(HEIGHT - MARGIN.top) / 2 - 14} width={6} height={28} rx={3} />
    </g>
  );
  return (
    <svg
      class="brush"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="group"
      aria-label={brush === undefined ? `Time, ${interval(domain.from, domain.to)}` : `Selected time, ${interval(brush.from, brush.to)}`}
      data-testid="time-brush"
      onPointerEnter={onEnter}
      onPointerDown={down}
      onPointerMove={(event: PointerEvent) => move(event, false)}
      onPointerUp={(event: PointerEvent) => move(event, true)}
    >
      <rect class="hit" width={width} height={HEIGHT} />
      {brush !== undefined && (
        <>
          {PLOTS.map(({ y, height }) => (
            <g key={y} class="outside">
              <rect x={MARGIN.left} width={Math.max(0, at(brush.from) - MARGIN.left)} y={y} height={height} />
              <rect x={at(brush.to)} width={Math.max(0, width - MARGIN.right - at(brush.to))} y={y} height={height} />
            </g>
          ))}
          <rect
            class="inside"
            x={at(brush.from)}
            width={Math.max(1, at(brush.to) - at(brush.from))}
            y={MARGIN.top}
            height={HEIGHT - MARGIN.top - 4}
          />
          {slider('from', brush)}
          {slider('to', brush)}
        </>
      )}
    </svg>
  );
}

const ordered = (a: number, b: number): TimeRange => ({ from: Math.min(a, b), to: Math.max(a, b) });

function shifted(brush: TimeRange, by: number, domain: Domain): TimeRange {
  const length = brush.to - brush.from;
  const from = Math.min(domain.to - length, Math.max(domain.from, brush.from + by));
  return { from, to: from + length };
}

/** A mark with a count in it needs so many pixels. */
const COUNT_WIDTH = 26;
const MOST_TITLES = 5;

/** Findings on the same time axis; many in one place are one mark, which opens the list of them. */
function Strip({ findings, domain, width, onFinding, onFindings }: TimeCardProps & { readonly width: number }) {
  const marks = useMemo(() => {
    const x = timeScale(domain, width);
    return marksOf(findings, x, [MARGIN.left, width - MARGIN.right]);
  }, [findings, domain.from, domain.to, width]);
  if (marks.length === 0) return null;
  return (
    <div class="strip">
      <span class="strip-name">findings</span>
      {marks.map(({ left, width: wide, severity, during, findings: own }) => {
        const [first] = own;
        if (first === undefined) return null;
        const many = own.length > 1;
        const titles = own.slice(0, MOST_TITLES).map(({ title }) => title);
        const more = own.length > MOST_TITLES ? [`and ${humanNumber(own.length - MOST_TITLES)} more`] : [];
        return (
          <button
            key={first.id}
            type="button"
            class={`mark ${severity}`}
            style={{ left: `${left}px`, width: `${wide}px` }}
            title={[...titles, ...more, many ? interval(during.from, during.to) : first.time].join('\n')}
            aria-label={
              many
                ? `${humanCount(own.length, 'finding')}, most severe: ${severity}: ${interval(during.from, during.to)}`
                : `Finding, ${severity}: ${first.title}`
            }
            onClick={() => (many ? onFindings(during) : onFinding(first))}
          >
            {many && wide >= COUNT_WIDTH ? short('records', own.length) : ''}
          </button>
        );
      })}
    </div>
  );
}
