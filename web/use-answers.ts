import { useEffect, useRef, useState } from 'preact/hooks';
import type { Active } from '../lib/explore/cube';
import type { PanelId } from '../lib/explore/panels';
import { encodeState, type ExploreState } from '../lib/explore/state';
import { call, CallError } from './client';
import type { Answers } from './types';

/** An answer that takes longer than this is given up for a newer question. */
const PATIENCE_MS = 120;

interface Wanted {
  readonly state: string;
  readonly panels: readonly PanelId[];
  readonly active?: Active | undefined;
}

export interface Answering {
  readonly answers: Answers | undefined;
  readonly busy: boolean;
  readonly error: CallError | undefined;
}

/** Rows of panels for the newest state: one request at a time, and always the newest next. */
export function useAnswers(state: ExploreState, panels: readonly PanelId[], active: Active | undefined): Answering {
  const [result, setResult] = useState<Answering>({ answers: undefined, busy: true, error: undefined });
  const flight = useRef<{ abort: AbortController; since: number } | undefined>(undefined);
  const next = useRef<Wanted | undefined>(undefined);
  /** Panels of questions that were given up: the next answer must have them too. */
  const owed = useRef(new Set<PanelId>());
  const text = encodeState(state);

  const start = (wanted: Wanted) => {
    const abort = new AbortController();
    flight.current = { abort, since: performance.now() };
    next.current = undefined;
    for (const panel of wanted.panels) owed.current.add(panel);
    const measured = performance.now();
    call<Answers>('panels', { ...wanted, panels: [...owed.current] }, abort.signal)
      .then(
        (answers) => {
          owed.current.clear();
          setResult((before) => ({
            answers: { domain: answers.domain, panels: { ...before.answers?.panels, ...answers.panels } },
            busy: next.current !== undefined,
            error: undefined,
          }));
          // Up to the frame that shows it: what the benchmark reads.
          requestAnimationFrame(() => setTimeout(() => performance.measure('answer', { start: measured, detail: wanted.active ?? 'all' })));
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setResult((before) => ({ ...before, busy: false, error: error as CallError }));
        },
      )
      .finally(() => {
        flight.current = undefined;
        if (next.current !== undefined) start(next.current);
      });
  };

  useEffect(() => {
    if (panels.length === 0) return;
    setResult((before) => (before.busy ? before : { ...before, busy: true }));
    const wanted: Wanted = { state: text, panels, ...(active === undefined ? {} : { active }) };
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
  }, [text, panels.join()]);

  return result;
}
