import { useEffect, useMemo, useState } from 'preact/hooks';
import { humanCount, humanNumber, humanValue } from '../lib/analysis/human';
import { encodeState, type ExploreState } from '../lib/explore/state';
import { CopyButton, Sized } from './card';
import { AnalysisChart } from './charts/analysis';
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
  const unit = (name: string) => question.columns.find((column) => column.name === name)?.unit;
  const rows = useMemo(
    () => answer.rows.map((row) => Object.fromEntries(answer.columns.map(({ name }, i) => [name, row[i] ?? null]))),
    [answer],
  );
  if (rows.length === 0) return <p class="empty">No rows in the selected time.</p>;
  return (
    <>
      <Sized>{(width) => <AnalysisChart of={question} rows={rows} width={width} />}</Sized>
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
