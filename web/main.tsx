import { render } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { humanCount, humanNumber, withoutControls } from '../lib/analysis/human';
import type { Active } from '../lib/explore/cube';
import { DIMENSIONS, type DimensionId } from '../lib/explore/dimensions';
import { decodeState, encodeState, EVERYTHING, type ExploreState, type Filter, MEASURES, withoutFilter } from '../lib/explore/state';
import { useNotice } from './card';
import { interval, label } from './charts/format';
import { call, type CallError, messageOf, takeKey } from './client';
import { FindingCard } from './finding-card';
import { FindingsView } from './findings';
import { Overview } from './overview';
import { QuestionsView } from './questions';
import { RecordsView } from './records';
import { parseRoute, printRoute, type Route, VIEWS } from './route';
import type { About, Findings, ToldFinding } from './types';
import { useAnswers } from './use-answers';

const THEME = 'flowlogs-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
const POLL_MS = 1000;
/** After this pause the page is idle, so the data for the next brush can be prepared. */
const IDLE_MS = 250;
const DISTRIBUTIONS = ['bytes_size', 'packets_size', 'weekday_hour'] as const satisfies readonly Active[];
/** Of more records than these, only what the pointer is on is made ready: it would keep a brush waiting. */
const MOST_PREPARED = 10_000_000;

function App() {
  const [about, setAbout] = useState<About | undefined>(undefined);
  const [failure, setFailure] = useState<CallError | undefined>(undefined);
  useEffect(() => {
    call<About>('about').then((answer) => {
      if (location.search === '' && answer.start !== '') history.replaceState(null, '', `?${answer.start}`);
      setAbout(answer);
    }, setFailure);
  }, []);
  if (failure !== undefined) return <Closed failure={failure} />;
  if (about === undefined) return <p class="loading">Opening the logs …</p>;
  return <Explorer about={about} />;
}

function Closed({ failure }: { readonly failure: CallError }) {
  return (
    <main class="closed">
      <h1>{failure.status === 401 ? 'Access key required' : 'The explorer cannot be reached'}</h1>
      <p>{failure.message}</p>
      <pre>flowlogs explore logs/</pre>
    </main>
  );
}

function Explorer({ about }: { readonly about: About }) {
  const first = useRef(parseRoute(location.search));
  const [route, setRoute] = useState<Route>(first.current.route);
  const [problem, setProblem] = useState(first.current.problem);
  const [active, setActive] = useState<Active | undefined>(undefined);
  const [findings, setFindings] = useState<Findings>({ status: 'running', findings: [], notJudged: [] });
  const [theme, setTheme] = useState(localStorage.getItem(THEME) ?? 'auto');
  const asked = useRef(0);
  const [note, say] = useNotice();
  const { state, view } = route;

  const go = useCallback((next: Route, replace = false) => {
    const text = printRoute(next);
    history[replace ? 'replaceState' : 'pushState'](null, '', text === '' ? location.pathname : `?${text}`);
    setRoute(next);
    setProblem(undefined);
  }, []);
  useEffect(() => {
    const back = () => {
      const parsed = parseRoute(location.search);
      setActive(undefined);
      setRoute(parsed.route);
      setProblem(parsed.problem);
    };
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(THEME, theme);
  }, [theme]);
  useEffect(() => {
    if (findings.status !== 'running') return undefined;
    const timer = setTimeout(
      () =>
        void call<Findings>('findings').then(setFindings, (error: unknown) =>
          setFindings({ status: 'failed', findings: [], notJudged: [], error: messageOf(error) }),
        ),
      asked.current++ === 0 ? 0 : POLL_MS,
    );
    return () => clearTimeout(timer);
  }, [findings]);

  // A brush over the time does not change the timeline.
  const shown =
    view !== 'overview' ? (['summary'] as const) : active === 'time' ? about.panels.filter((id) => id !== 'timeline') : about.panels;
  const { answers, busy, error } = useAnswers(state, shown, active);

  // Prepares the data for the first drag over a view while the page is idle.
  const settled = encodeState({ ...state, brush: undefined });
  const warm = useRef<AbortController | undefined>(undefined);
  const onWarm = (...wanted: readonly Active[]) => {
    warm.current?.abort();
    const { signal } = (warm.current = new AbortController());
    const one = encodeState(state);
    void wanted
      .reduce((before, next) => before.then(() => call<object>('warm', { state: one, active: next }, signal)), Promise.resolve<object>({}))
      .catch(() => undefined);
  };
  useEffect(() => {
    if (busy || view !== 'overview') return undefined;
    const others = about.records <= MOST_PREPARED ? DISTRIBUTIONS : [];
    const timer = setTimeout(() => onWarm('time', ...others), IDLE_MS);
    return () => {
      clearTimeout(timer);
      warm.current?.abort();
    };
  }, [settled, busy, view]);

  const dragging = useRef(false);
  const change = (next: ExploreState, options: { readonly active?: Active; readonly done?: boolean } = {}) => {
    setActive(options.active);
    // A drag is one step back, not hundreds.
    const replace = options.active !== undefined && dragging.current;
    dragging.current = options.active !== undefined && options.done !== true;
    go({ ...route, state: next }, replace);
  };
  const openFinding = (finding: ToldFinding) => {
    setActive(undefined);
    go({ ...route, view: 'overview', during: undefined, finding: finding.id, state: decodeState(finding.state) });
    scrollTo({ top: 0 });
  };
  const share = () => {
    void navigator.clipboard
      .writeText(location.href)
      .then(() => say('Link copied. It works while this command runs, and after a restart on the same port.'));
  };
  const nextTheme = THEMES[(THEMES.indexOf(theme as (typeof THEMES)[number]) + 1) % THEMES.length] ?? 'auto';
  const filtered = Object.keys(state.filters).length > 0 || state.brush !== undefined || state.range !== undefined;

  return (
    <>
      <header class="top">
        <div class="brand">
          <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <rect width="32" height="32" rx="8" class="logo" />
            <path d="M6 10c8 0 12 0 20 6M6 22c8 0 12 0 20-6" class="logo-lines" />
          </svg>
          <h1>
            flowlogs <span>explore</span>
          </h1>
          <span class="source" title={about.sources.map(withoutControls).join('\n')}>
            <bdi>{about.sources.map(withoutControls).join(', ')}</bdi>
          </span>
        </div>
        <nav aria-label="Parts">
          {VIEWS.map((one) => (
            <a
              key={one}
              href={`?${printRoute({ ...route, view: one, during: undefined })}`}
              aria-current={view === one ? 'page' : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey) return;
                event.preventDefault();
                go({ ...route, view: one, during: undefined });
              }}
            >
              {one[0]?.toUpperCase()}
              {one.slice(1)}
              {one === 'findings' && (
                <span class="badge">{findings.status === 'running' ? '…' : humanNumber(findings.findings.length)}</span>
              )}
            </a>
          ))}
        </nav>
        <div class="tools">
          <div class="segments" role="group" aria-label="Count by">
            {MEASURES.map((one) => (
              <button key={one} type="button" aria-pressed={state.measure === one} onClick={() => change({ ...state, measure: one })}>
                {one}
              </button>
            ))}
          </div>
          <button
            type="button"
            aria-pressed={state.compare}
            onClick={() => change({ ...state, compare: !state.compare })}
            title="Show next to each value the value of the previous period of the same length"
          >
            Compare
          </button>
          <button type="button" onClick={share}>
            Copy link
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => setTheme(nextTheme)}
            aria-label={`Colours: ${theme}. Change to ${nextTheme}`}
            title={`Colours: ${theme}`}
          >
            {theme === 'dark' ? '☾' : theme === 'light' ? '☀' : '◐'}
          </button>
        </div>
      </header>
      <div class="filters" aria-label="Filters" role="region">
        {!filtered && <span class="hint">No filters. Click a bar, drag over the time axis or select cells to filter all views.</span>}
        {state.range !== undefined && (
          <Chip
            name="zoom"
            text={interval(state.range.from, state.range.to)}
            onRemove={() => change({ ...state, range: undefined, brush: undefined })}
          />
        )}
        {state.brush !== undefined && (
          <Chip name="time" text={interval(state.brush.from, state.brush.to)} onRemove={() => change({ ...state, brush: undefined })} />
        )}
        {(Object.entries(state.filters) as [DimensionId, Filter][]).map(([id, filter]) => (
          <Chip
            key={id}
            name={DIMENSIONS[id].one}
            text={`${filter.exclude ? 'not ' : ''}${described(id, filter)}`}
            onRemove={() => change({ ...state, filters: withoutFilter(state.filters, id) })}
          />
        ))}
        {filtered && (
          <button type="button" onClick={() => change({ ...EVERYTHING, measure: state.measure, compare: state.compare })}>
            Clear all
          </button>
        )}
        {busy && <span class="busy" aria-hidden="true" />}
      </div>
      <p class="visually-hidden" role="status" aria-live="polite">
        {note === '' && !busy && answers !== undefined
          ? `${humanNumber((answers.panels.summary ?? []).reduce((sum, row) => sum + row.records, 0))} records shown`
          : note}
      </p>
      {note !== '' && <p class="toast">{note}</p>}
      <main>
        {problem !== undefined && <p class="problem">{problem}</p>}
        {error !== undefined && <p class="problem">{error.message}</p>}
        {view === 'overview' && (
          <div class="grid">
            {route.finding !== undefined && <FindingCard id={route.finding} onClose={() => go({ ...route, finding: undefined })} />}
            {answers?.panels.timeline !== undefined && (
              <Overview
                about={about}
                state={state}
                answers={answers}
                findings={findings.findings}
                change={change}
                onFinding={openFinding}
                onFindings={(during) => go({ ...route, view: 'findings', during })}
                onWarm={onWarm}
              />
            )}
          </div>
        )}
        {view === 'findings' && (
          <FindingsView
            findings={findings}
            during={route.during}
            onFinding={openFinding}
            onAll={() => go({ ...route, during: undefined })}
          />
        )}
        {view === 'questions' && (
          <QuestionsView
            state={state}
            chosen={route.question}
            parameters={route.parameters}
            onChoose={(question, parameters) => go({ ...route, question, parameters })}
          />
        )}
        {view === 'records' && <RecordsView about={about} state={state} sort={route.sort} onSort={(sort) => go({ ...route, sort })} />}
      </main>
      <footer class="foot">
        flow-log-analytics {about.version} · {humanCount(about.totals.records, 'record')} in {humanCount(about.totals.files, 'file')},{' '}
        {interval(about.range.from, about.range.to)} · all times are UTC · no data leaves this machine
      </footer>
    </>
  );
}

function described(id: DimensionId, { values }: Filter): string {
  const [first] = values;
  if (values.length === 1 && first !== undefined) return label(id, first);
  if (DIMENSIONS[id].edges !== undefined || id === 'weekday_hour')
    return `${values.length} of the ${id === 'weekday_hour' ? 'hours' : 'sizes'}`;
  return values.length <= 3 ? values.map((value) => label(id, value)).join(', ') : `${values.length} values`;
}

function Chip({ name, text, onRemove }: { readonly name: string; readonly text: string; readonly onRemove: () => void }) {
  return (
    <span class="chip">
      <span class="chip-name">{name}</span> <bdi>{text}</bdi>
      <button type="button" onClick={onRemove} aria-label={`Remove filter ${name} ${text}`}>
        ✕
      </button>
    </span>
  );
}

takeKey();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
