import { scaleLinear, scaleOrdinal, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { humanCount, humanNumber, humanValue } from '../lib/analysis/human';
import { encodeState, type ExploreState } from '../lib/explore/state';
import { CopyButton, Sized } from './card';
import { timeTick } from './charts/format';
import { call, messageOf } from './client';
import type { Answer, Question } from './types';

export interface QuestionsProps {
  readonly state: ExploreState;
  readonly chosen: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly onChoose: (id: string, parameters: Readonly<Record<string, string>>) => void;
}

/** The catalogue: every question with its parameters as a form. */
export function QuestionsView({ state, chosen, parameters, onChoose }: QuestionsProps) {
  const [questions, setQuestions] = useState<readonly Question[] | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [search, setSearch] = useState('');
  useEffect(() => {
    call<Question[]>('analyses').then(setQuestions, (failure: unknown) => setError(messageOf(failure)));
  }, []);
  const matching = (questions ?? []).filter(({ id, title, summary }) =>
    `${id} ${title} ${summary}`.toLowerCase().includes(search.toLowerCase()),
  );
  const groups = [...new Set(matching.map(({ group }) => group))];
  const question = questions?.find(({ id }) => id === chosen);
  return (
    <div class="grid">
      <section class="card span-4 catalogue" aria-labelledby="catalogue-title">
        <h2 id="catalogue-title">Questions</h2>
        <p class="meaning">A deployed stack has the same questions as named queries.</p>
        <input
          type="search"
          placeholder="Search questions"
          aria-label="Search questions"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        {error !== undefined && <p class="problem">{error}</p>}
        <div class="catalogue-list" tabindex={0} role="region" aria-label="List of questions">
          {groups.map((group) => (
            <div key={group}>
              <h3>{group}</h3>
              <ul>
                {matching
                  .filter((one) => one.group === group)
                  .map((one) => (
                    <li key={one.id}>
                      <button
                        type="button"
                        class="link"
                        aria-current={one.id === chosen ? 'true' : undefined}
                        disabled={one.missing.length > 0}
                        title={one.missing.length > 0 ? `Needs ${one.missing.join(', ')}, which these logs lack` : one.summary}
                        onClick={() => onChoose(one.id, {})}
                      >
                        {one.title}
                      </button>
                    </li>
                  ))}
              </ul>
            </div>
          ))}
          {questions !== undefined && matching.length === 0 && <p class="empty">No question matches.</p>}
        </div>
      </section>
      {question === undefined ? (
        <section class="card span-8">
          <p class="empty">
            {questions === undefined
              ? 'Loading the questions …'
              : 'Select a question on the left. It runs over the time that is selected above.'}
          </p>
        </section>
      ) : (
        <Asked
          key={question.id}
          question={question}
          state={state}
          parameters={parameters}
          onAsk={(values) => onChoose(question.id, values)}
        />
      )}
    </div>
  );
}

interface AskedProps {
  readonly question: Question;
  readonly state: ExploreState;
  readonly parameters: Readonly<Record<string, string>>;
  readonly onAsk: (parameters: Readonly<Record<string, string>>) => void;
}

function Asked({ question, state, parameters, onAsk }: AskedProps) {
  const [draft, setDraft] = useState<Readonly<Record<string, string>>>(parameters);
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const text = encodeState({ ...state, compare: false, measure: 'records' });
  const open = question.open.filter((name) => (parameters[name] ?? '') === '');
  useEffect(() => {
    setAnswer(undefined);
    setError(undefined);
    if (open.length > 0) return undefined;
    const abort = new AbortController();
    call<Answer>('analysis', { state: text, id: question.id, parameters }, abort.signal).then(setAnswer, (failure: unknown) => {
      if (!abort.signal.aborted) setError(messageOf(failure));
    });
    return () => abort.abort();
  }, [question.id, text, JSON.stringify(parameters)]);
  const names = Object.keys(question.parameters);
  return (
    <section class="card span-8" aria-labelledby="question-title">
      <header class="card-head">
        <div>
          <h2 id="question-title">{question.title}</h2>
          <p class="meaning">{question.summary}</p>
        </div>
        {answer !== undefined && <CopyButton title={question.title} load={() => Promise.resolve(answer.texts)} />}
      </header>
      {names.length > 0 && (
        <form
          class="parameters"
          onSubmit={(event) => {
            event.preventDefault();
            onAsk(Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== '')));
          }}
        >
          {names.map((name) => {
            const definition = question.parameters[name];
            if (definition === undefined) return null;
            const preset = definition.default === undefined ? '' : String(definition.default);
            return (
              <label key={name} title={definition.meaning}>
                <span>{name.replaceAll('_', ' ')}</span>
                {definition.values === undefined && definition.type !== 'boolean' ? (
                  <input
                    type="text"
                    inputMode={definition.type === 'integer' ? 'numeric' : 'text'}
                    placeholder={preset === '' ? String(definition.example ?? 'needed') : preset}
                    required={preset === ''}
                    value={draft[name] ?? ''}
                    onInput={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
                  />
                ) : (
                  <select value={draft[name] ?? preset} onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}>
                    {(definition.values ?? ['true', 'false']).map((value) => (
                      <option key={String(value)} value={String(value)}>
                        {String(value)}
                      </option>
                    ))}
                  </select>
                )}
              </label>
            );
          })}
          <button type="submit" class="primary">
            Run
          </button>
        </form>
      )}
      {error !== undefined && <p class="problem">{error}</p>}
      {open.length > 0 && <p class="empty">Enter {open.join(', ')}, then Run.</p>}
      {open.length === 0 && answer === undefined && error === undefined && <p class="empty">Running …</p>}
      {answer !== undefined && <Shown question={question} answer={answer} />}
    </section>
  );
}

function Shown({ question, answer }: { readonly question: Question; readonly answer: Answer }) {
  if (answer.rows.length === 0) return <p class="empty">No rows in the selected time.</p>;
  const unit = (name: string) => question.columns.find((column) => column.name === name)?.unit;
  return (
    <>
      <Sized>{(width) => <Chart question={question} answer={answer} width={width} />}</Sized>
      <div class="records short" tabindex={0} role="region" aria-label="Rows, scrollable">
        <table class="rows">
          <thead>
            <tr>
              {answer.columns.map(({ name, type }) => (
                <th key={name} scope="col" class={type === 'integer' || type === 'number' ? 'number' : ''}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {answer.rows.map((row, i) => (
              <tr key={i}>
                {row.map((value, column) => {
                  const name = answer.columns[column]?.name ?? '';
                  return (
                    <td key={name} class={typeof value === 'number' ? 'number' : ''} data-value={value === null ? '' : String(value)}>
                      <bdi>{humanValue(value, unit(name))}</bdi>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="meaning">
        {answer.total > answer.rows.length
          ? `${humanNumber(answer.rows.length)} of ${humanCount(answer.total, 'row')}. More: a higher limit, or -o rows.csv after the copied command.`
          : `${humanCount(answer.total, 'row')}.`}
      </p>
    </>
  );
}

const HEIGHT = 200;
const MOST_BARS = 20;

function Chart({ question, answer, width }: { readonly question: Question; readonly answer: Answer; readonly width: number }) {
  const { chart, columns } = question;
  const at = (name: string | undefined) => answer.columns.findIndex((column) => column.name === name);
  const [x, y, series] = [at(chart.x), at(chart.y), at(chart.series)];
  const unit = columns.find(({ name }) => name === (chart.type === 'heatmap' ? chart.series : chart.y))?.unit;
  const unitOfX = columns.find(({ name }) => name === chart.x)?.unit;
  const unitOfY = columns.find(({ name }) => name === chart.y)?.unit;
  if (chart.type === 'bar' && x !== -1 && y !== -1) {
    const rows = answer.rows.slice(0, MOST_BARS);
    const most = Math.max(1, ...rows.map((row) => Number(row[y] ?? 0)));
    return (
      <ul class="bars">
        {rows.map((row, i) => (
          <li key={i} class="bar-row">
            <span class="bar" style={{ width: `${(100 * Number(row[y] ?? 0)) / most}%` }} />
            <span class="bar-label">
              <bdi>{humanValue(row[x] ?? null, unitOfX)}</bdi>
            </span>
            <span class="bar-value">{humanValue(row[y] ?? null, unit)}</span>
          </li>
        ))}
      </ul>
    );
  }
  if (chart.type === 'line' && x !== -1 && y !== -1)
    return <Lines {...{ answer, x, y, series, unit, width }} unitOfSeries={columns.find(({ name }) => name === chart.series)?.unit} />;
  if (chart.type === 'heatmap' && x !== -1 && y !== -1 && series !== -1) {
    const unique = (column: number) =>
      [...new Set(answer.rows.map((row) => row[column] ?? null))].sort((a, b) => Number(a) - Number(b) || (String(a) < String(b) ? -1 : 1));
    const [xs, ys] = [unique(x), unique(y)];
    const most = Math.max(1, ...answer.rows.map((row) => Number(row[series] ?? 0)));
    const [left, cellHeight] = [110, 22];
    const step = (width - left) / Math.max(1, xs.length);
    return (
      <svg class="chart" width={width} height={ys.length * cellHeight + 20} role="img" aria-label={question.title}>
        {answer.rows.map((row, i) => (
          <rect
            key={i}
            class="cell"
            x={left + xs.indexOf(row[x] ?? null) * step}
            y={ys.indexOf(row[y] ?? null) * cellHeight}
            width={Math.max(1, step - 1)}
            height={cellHeight - 1}
            rx={2}
            style={{ fillOpacity: 0.12 + 0.88 * Math.sqrt(Number(row[series] ?? 0) / most) }}
          >
            <title>{`${humanValue(row[y] ?? null, unitOfY)}, ${humanValue(row[x] ?? null, unitOfX)}: ${humanValue(row[series] ?? null, unit)}`}</title>
          </rect>
        ))}
        {ys.map((value, i) => (
          <text key={String(value)} class="axis" x={left - 6} y={i * cellHeight + cellHeight / 2} dy="0.32em" text-anchor="end">
            {humanValue(value, unitOfY).slice(0, 16)}
          </text>
        ))}
        {xs.map((value, i) =>
          i % Math.ceil(xs.length / Math.max(1, Math.floor((width - left) / 70))) === 0 ? (
            <text key={String(value)} class="axis" x={left + i * step} y={ys.length * cellHeight + 14}>
              {humanValue(value, unitOfX).slice(0, 10)}
            </text>
          ) : null,
        )}
      </svg>
    );
  }
  if (chart.type === 'number' && answer.rows.length === 1)
    return (
      <p class="big">
        {answer.columns.map(({ name }, i) => (
          <span key={name}>
            <b>{humanValue(answer.rows[0]?.[i] ?? null, columns.find((column) => column.name === name)?.unit)}</b>{' '}
            {name.replaceAll('_', ' ')}
          </span>
        ))}
      </p>
    );
  return null;
}

type Unit = Question['columns'][number]['unit'];

function Lines({
  answer,
  x,
  y,
  series,
  unit,
  unitOfSeries,
  width,
}: {
  answer: Answer;
  x: number;
  y: number;
  series: number;
  unit: Unit;
  unitOfSeries: Unit;
  width: number;
}) {
  const lines = useMemo(() => {
    const found = new Map<string, { time: number; value: number }[]>();
    for (const row of answer.rows) {
      const name = series === -1 ? '' : humanValue(row[series] ?? null, unitOfSeries);
      found.set(name, [...(found.get(name) ?? []), { time: Date.parse(String(row[x])), value: Number(row[y] ?? 0) }]);
    }
    for (const points of found.values()) points.sort((a, b) => a.time - b.time);
    return found;
  }, [answer]);
  const points = [...lines.values()].flat();
  if (points.length === 0 || points.some(({ time }) => Number.isNaN(time))) return null;
  const times = scaleUtc(
    [new Date(Math.min(...points.map((p) => p.time))), new Date(Math.max(...points.map((p) => p.time)))],
    [60, width - 90],
  );
  const values = scaleLinear([0, Math.max(1, ...points.map((p) => p.value))], [HEIGHT - 22, 8]).nice(4);
  const colour = scaleOrdinal<string, string>([...lines.keys()], ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6']);
  const path = line<{ time: number; value: number }>(
    (p) => times(new Date(p.time)),
    (p) => values(p.value),
  );
  return (
    <svg class="chart" width={width} height={HEIGHT} role="img" aria-label="Values over time">
      {values.ticks(4).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={60} x2={width - 90} y1={values(tick)} y2={values(tick)} />
          <text class="axis" x={54} y={values(tick)} dy="0.32em" text-anchor="end">
            {humanValue(tick, unit)}
          </text>
        </g>
      ))}
      {times.ticks(Math.max(2, Math.floor(width / 130))).map((tick) => (
        <text key={tick.getTime()} class="axis" x={times(tick)} y={HEIGHT - 5} text-anchor="middle">
          {timeTick(tick)}
        </text>
      ))}
      {[...lines].map(([name, own]) => {
        const end = own.at(-1);
        return (
          <g key={name} class={colour(name)}>
            <path class="line" d={path(own) ?? ''} />
            {own.length === 1 && end !== undefined && <circle r={3} cx={times(new Date(end.time))} cy={values(end.value)} />}
            {name !== '' && end !== undefined && (
              <text class="axis" x={width - 84} y={values(end.value)} dy="0.32em">
                {name.slice(0, 12)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
