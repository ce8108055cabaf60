import { useEffect, useRef, useState } from 'preact/hooks';
import type { Active } from '../lib/explore/cube';
import type { PanelId } from '../lib/explore/panels';
import { encodeState, type ExploreState } from '../lib/explore/state';
import { call, CallError } from './client';
import type { Answers } from './types';

/** An answer that takes longer than this is given up for a newer question. */
const PATIENCE_MS = 120;

interface Wanted {
  /** The latest request of the page at the time of this one. */
  readonly question: string;
  readonly state: string;
  readonly panels: readonly PanelId[];
  readonly active?: Active | undefined;
}

export interface Answering {
  readonly answers: Answers | undefined;
  /** From the first frame of a new question on: what is shown answers an earlier one. */
  readonly busy: boolean;
  readonly error: CallError | undefined;
}

/** Rows of panels for the newest state: one request at a time, and always the newest next. */
export function useAnswers(state: ExploreState, panels: readonly PanelId[], active: Active | undefined): Answering {
  const [{ answered, ...result }, setResult] = useState<Omit<Answering, 'busy'> & { readonly answered: string | undefined }>({
    answers: undefined,
    answered: undefined,
    error: undefined,
  });
  const flight = useRef<{ abort: AbortController; since: number } | undefined>(undefined);
  const next = useRef<Wanted | undefined>(undefined);
  /** Panels of questions that were given up: the next answer must have them too. */
  const owed = useRef(new Set<PanelId>());
  const text = encodeState(state);
  const question = JSON.stringify([text, panels]);

  const start = (wanted: Wanted) => {
    const abort = new AbortController();
    flight.current = { abort, since: performance.now() };
    next.current = undefined;
    for (const panel of wanted.panels) owed.current.add(panel);
    const measured = performance.now();
    const { question: of, ...body } = wanted;
    call<Answers>('panels', { ...body, panels: [...owed.current] }, abort.signal)
      .then(
        (answers) => {
          owed.current.clear();
          setResult((before) => ({
            answers: { domain: answers.domain, panels: { ...before.answers?.panels, ...answers.panels } },
            answered: of,
            error: undefined,
          }));
          // Up to the frame that shows it: what the benchmark reads.
          requestAnimationFrame(() => setTimeout(() => performance.measure('answer', { start: measured, detail: wanted.active ?? 'all' })));
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setResult((before) => ({ ...before, answered: of, error: error as CallError }));
        },
      )
      .finally(() => {
        flight.current = undefined;
        if (next.current !== undefined) start(next.current);
      });
  };

  useEffect(() => {
    if (panels.length === 0) return;
    const wanted: Wanted = { question, state: text, panels, ...(active === undefined ? {} : { active }) };
    if (flight.current === undefined) start(wanted);
    else {
      next.current = { ...wanted, panels: [...new Set([...(next.current?.panels ?? []), ...wanted.panels])] };
      const { abort, since } = flight.current;
      if (performance.now() - since > PATIENCE_MS) abort.abort();
      else
        setTimeout(
          () => {
            if (flight.current?.abort === abort && next.current !== undefined) abort.abort();
          },
          PATIENCE_MS - (performance.now() - since),
        );
    }
  }, [question]);

  return { ...result, busy: panels.length > 0 && answered !== question };
}
