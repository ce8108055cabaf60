import { useState } from 'preact/hooks';
import { humanCount, humanNumber, humanValue } from '../lib/analysis/human';
import type { Active } from '../lib/explore/cube';
import type { DimensionId } from '../lib/explore/dimensions';
import { isPanel, type PanelId, type PanelRow, PANELS } from '../lib/explore/panels';
import { encodeState, type ExploreState, type TimeRange, withoutFilter } from '../lib/explore/state';
import { Card, CopyButton, Sized } from './card';
import { Bars } from './charts/bars';
import { Flow } from './charts/flow';
import { change, full, percent } from './charts/format';
import { Groups } from './charts/groups';
import { Heatmap } from './charts/heatmap';
import { Histogram } from './charts/histogram';
import { call } from './client';
import type { During } from './during';
import { TimeCard } from './time-card';
import type { About, Answers, Texts, ToldFinding } from './types';

export interface OverviewProps {
  readonly about: About;
  readonly state: ExploreState;
  readonly answers: Answers;
  readonly findings: readonly ToldFinding[];
  readonly change: (state: ExploreState, options?: { readonly active?: Active; readonly done?: boolean }) => void;
  readonly onFinding: (finding: ToldFinding) => void;
  readonly onFindings: (during: During) => void;
  readonly onWarm: (active: Active) => void;
}

const PLACES = ['interface_id', 'subnet_id', 'instance_id', 'vpc_id', 'account_id'] as const;
const WAYS = ['flow_direction', 'traffic_path'] as const;

export function Overview(props: OverviewProps) {
  const { about, state, answers, findings, change: set, onWarm } = props;
  const rows = (id: PanelId): readonly PanelRow[] => answers.panels[id] ?? [];
  const has = (id: PanelId) => about.panels.includes(id);
  const values = (id: DimensionId) => new Set(state.filters[id]?.exclude === false ? state.filters[id].values : []);

  const withFilter = (id: DimensionId, next: readonly (string | number)[], exclude = false): ExploreState => {
    const rest = withoutFilter(state.filters, id);
    return { ...state, filters: next.length === 0 ? rest : { ...rest, [id]: { values: next, exclude } } };
  };
  const toggle = (id: DimensionId) => (value: string | number, exclude: boolean) => {
    const filter = state.filters[id];
    const same = filter?.exclude === exclude ? filter.values : [];
    set(withFilter(id, same.includes(value) ? same.filter((one) => one !== value) : [...same, value], exclude));
  };
  const pair = (from: DimensionId, to: DimensionId) => (source: string, destination: string) =>
    set({
      ...state,
      filters: { ...state.filters, [from]: { values: [source], exclude: false }, [to]: { values: [destination], exclude: false } },
    });
  const list = (id: Exclude<PanelId, 'summary' | 'timeline' | 'pairs' | 'groups'>, span: number) =>
    has(id) && (
      <Card title={PANELS[id].title} meaning={PANELS[id].meaning} span={span} panel={id} state={state}>
        <Bars id={id} rows={rows(id)} measure={state.measure} compare={state.compare} selected={values(id)} onToggle={toggle(id)} />
      </Card>
    );
  const brushBuckets = (id: 'bytes_size' | 'packets_size') => (from: number, to: number, done: boolean) => {
    set(
      withFilter(
        id,
        Array.from({ length: to - from + 1 }, (_, i) => from + i),
      ),
      { active: id, done },
    );
  };
  const histogram = (id: 'bytes_size' | 'packets_size') =>
    has(id) && (
      <Card title={PANELS[id].title} meaning={PANELS[id].meaning} span={4} panel={id} state={state} actions={clear(id)}>
        <Sized>
          {(width) => (
            <Histogram
              id={id}
              rows={rows(id)}
              measure={state.measure}
              width={width}
              selected={values(id) as ReadonlySet<number>}
              onBrush={brushBuckets(id)}
              onEnter={() => onWarm(id)}
            />
          )}
        </Sized>
      </Card>
    );
  const clear = (id: DimensionId) =>
    state.filters[id] !== undefined && (
      <button type="button" onClick={() => set(withFilter(id, []))}>
        Clear
      </button>
    );
  return (
    <>
      <Summary {...props} />
      <TimeCard
        state={state}
        domain={answers.domain}
        rows={rows('timeline')}
        findings={findings}
        onBrush={(brush, done) => set({ ...state, brush }, { active: 'time', done })}
        onZoom={(range: TimeRange | undefined) => set({ ...state, range, brush: undefined })}
        onFinding={props.onFinding}
        onFindings={props.onFindings}
        onEnter={() => onWarm('time')}
        onAction={about.dimensions.includes('action') ? (action) => toggle('action')(action, false) : undefined}
      />
      {list('srcaddr', 4)}
      {list('dstaddr', 4)}
      {list('dstport', 4)}
      {has('pairs') && (
        <Card title={PANELS.pairs.title} meaning={PANELS.pairs.meaning} span={8} panel="pairs" state={state}>
          <Sized>
            {(width) => <Flow rows={rows('pairs')} measure={state.measure} width={width} onPair={pair('srcaddr', 'dstaddr')} />}
          </Sized>
        </Card>
      )}
      <div class="stack span-4">
        {has('groups') && (
          <Card title={PANELS.groups.title} meaning={PANELS.groups.meaning} span={12} panel="groups" state={state}>
            <Groups rows={rows('groups')} measure={state.measure} onPair={pair('source_group', 'destination_group')} />
          </Card>
        )}
        {list('protocol', 12)}
      </div>
      {has('weekday_hour') && (
        <Card
          title={PANELS.weekday_hour.title}
          meaning={PANELS.weekday_hour.meaning}
          span={4}
          panel="weekday_hour"
          state={state}
          actions={clear('weekday_hour')}
        >
          <Sized>
            {(width) => (
              <Heatmap
                rows={rows('weekday_hour')}
                measure={state.measure}
                width={width}
                selected={values('weekday_hour') as ReadonlySet<number>}
                onSelect={(cells, done) => set(withFilter('weekday_hour', cells), { active: 'weekday_hour', done })}
                onEnter={() => onWarm('weekday_hour')}
              />
            )}
          </Sized>
        </Card>
      )}
      {histogram('bytes_size')}
      {histogram('packets_size')}
      <Tabbed name="Where" ids={PLACES} span={WAYS.some(has) ? 4 : 8} {...props} values={values} toggle={toggle} />
      <Tabbed name="Which way" ids={WAYS} span={4} {...props} values={values} toggle={toggle} />
      <Quality {...props} toggle={toggle('log_status')} selected={values('log_status')} />
    </>
  );
}

interface TabbedProps extends OverviewProps {
  readonly name: string;
  readonly ids: readonly ((typeof PLACES)[number] | (typeof WAYS)[number])[];
  readonly span: number;
  readonly values: (id: DimensionId) => ReadonlySet<string | number>;
  readonly toggle: (id: DimensionId) => (value: string | number, exclude: boolean) => void;
}

/** Dimensions of a kind in one place: those that these logs have. */
function Tabbed({ name, ids, span, about, state, answers, values, toggle }: TabbedProps) {
  const there = ids.filter((id) => about.panels.includes(id));
  const [chosen, choose] = useState<string | undefined>(undefined);
  const id = there.find((one) => one === chosen) ?? there[0];
  if (id === undefined || !isPanel(id)) return null;
  return (
    <Card title={there.length === 1 ? PANELS[id].title : name} meaning={PANELS[id].meaning} span={span} panel={id} state={state}>
      {there.length > 1 && (
        <div class="segments small" role="group" aria-label={name}>
          {there.map((one) => (
            <button key={one} type="button" aria-pressed={one === id} onClick={() => choose(one)}>
              {PANELS[one].title}
            </button>
          ))}
        </div>
      )}
      <Bars
        id={id}
        rows={answers.panels[id] ?? []}
        measure={state.measure}
        compare={state.compare}
        selected={values(id)}
        onToggle={toggle(id)}
      />
    </Card>
  );
}

function Summary({ state, answers }: OverviewProps) {
  const rows = answers.panels.summary ?? [];
  const sum = (name: 'records' | 'rejected' | 'bytes' | 'packets' | 'previous') => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
  const flows = rows.filter(({ key }) => key[0] !== null).reduce((total, row) => total + row.records, 0);
  const tiles = [
    {
      name: 'records',
      value: humanNumber(sum('records')),
      exact: sum('records'),
      about: sum('records') === 1 ? 'flow-log record' : 'flow-log records',
    },
    {
      name: 'rejected',
      value: percent(sum('rejected'), flows),
      exact: sum('rejected'),
      about: `${humanCount(sum('rejected'), 'record')} rejected`,
    },
    { name: 'bytes', value: full('bytes', sum('bytes')), exact: sum('bytes'), about: 'transferred by these flows' },
    { name: 'packets', value: humanNumber(sum('packets')), exact: sum('packets'), about: 'packets' },
  ];
  return (
    <section class="tiles span-12" aria-label="Totals of the selection">
      {tiles.map(({ name, value, exact, about }) => (
        <div key={name} class={`tile tile-${name}`} data-testid={`total-${name}`} data-value={exact}>
          <b>{value}</b>
          <span>{about}</span>
          {name === 'records' && (
            <CopyButton title={PANELS.summary.title} load={() => call<Texts>('texts', { state: encodeState(state), panel: 'summary' })} />
          )}
          {state.compare && name === state.measure && (
            <span class="bar-change">
              {sum('previous') === 0
                ? 'no data in the previous period: zoom in or select a time'
                : `${change(sum(state.measure), sum('previous'))} compared with the previous period`}
            </span>
          )}
        </div>
      ))}
    </section>
  );
}

interface QualityProps extends OverviewProps {
  readonly toggle: (value: string | number, exclude: boolean) => void;
  readonly selected: ReadonlySet<string | number>;
}

function Quality({ about, state, answers, toggle, selected }: QualityProps) {
  const { totals, samples, skippedFiles, emptyFiles } = about;
  return (
    <Card
      title="Data quality"
      meaning="Log status, and lines and values that could not be read."
      span={4}
      {...(about.panels.includes('log_status') ? { panel: 'log_status' as const } : {})}
      state={state}
    >
      {about.panels.includes('log_status') && (
        <Bars
          id="log_status"
          rows={answers.panels.log_status ?? []}
          measure={state.measure}
          compare={state.compare}
          selected={selected}
          onToggle={toggle}
        />
      )}
      <dl class="facts">
        <div>
          <dt>lines rejected</dt>
          <dd>
            {humanNumber(totals.rejectedLines)} of {humanNumber(totals.lines)}
          </dd>
        </div>
        <div>
          <dt>invalid values</dt>
          <dd>{humanNumber(totals.badValues)}</dd>
        </div>
        {totals.records > about.records && (
          <div>
            <dt>records without a start, not shown in any view</dt>
            <dd>{humanNumber(totals.records - about.records)}</dd>
          </div>
        )}
        <div>
          <dt>files</dt>
          <dd>
            {humanNumber(totals.files)}
            {skippedFiles.length > 0 && `, ${humanNumber(skippedFiles.length)} skipped`}
            {emptyFiles > 0 && `, ${humanNumber(emptyFiles)} empty`}
          </dd>
        </div>
      </dl>
      {samples.length + skippedFiles.length > 0 && (
        <details>
          <summary>Unreadable input</summary>
          <ul class="samples">
            {samples.map(({ file, line, reason, text }) => (
              <li key={`${file}:${line}:${reason}`}>
                {humanValue(file, undefined)}:{line}: {reason}: <code>{humanValue(text.slice(0, 160), undefined)}</code>
              </li>
            ))}
            {skippedFiles.map(({ path, why }) => (
              <li key={path}>
                {humanValue(path, undefined)}: {humanValue(why, undefined)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
