import { useEffect, useState } from 'preact/hooks';
import { humanValue } from '../lib/analysis/human';
import { CopyButton, Sized } from './card';
import { Baseline } from './charts/baseline';
import { interval } from './charts/format';
import { call, CallError, messageOf } from './client';
import type { FindingDetail } from './types';

export const Severity = ({ value }: { readonly value: string }) => <span class={`severity ${value}`}>{value}</span>;

/** What was found, with its past, its evidence and what to do. */
export function FindingCard({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const [detail, setDetail] = useState<FindingDetail | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    setDetail(undefined);
    setError(undefined);
    const load = (again: number): void => {
      call<FindingDetail>('finding', { id }, abort.signal).then(setDetail, (failure: unknown) => {
        if (abort.signal.aborted) return;
        // A shared address may name a finding before the detections have run again.
        if (again > 0 && failure instanceof CallError && failure.status === 404) setTimeout(() => load(again - 1), 1000);
        else setError(messageOf(failure));
      });
    };
    load(120);
    return () => abort.abort();
  }, [id]);
  return (
    <section class="card span-12 finding" aria-labelledby="finding-title">
      <header class="card-head">
        <div>
          <h2 id="finding-title">{detail === undefined ? 'Finding' : detail.title}</h2>
          {detail !== undefined && (
            <p class="meaning">
              <Severity value={detail.severity} /> {detail.analysis.title} ·{' '}
              {interval(Date.parse(detail.time) / 1000, Date.parse(detail.until) / 1000)}
              {detail.occurrences > 1 && ` · seen in ${detail.occurrences} intervals`}
            </p>
          )}
        </div>
        <div class="card-actions">
          {detail !== undefined && <CopyButton title={detail.analysis.title} load={() => Promise.resolve(detail.texts)} />}
          <button type="button" class="quiet" onClick={onClose} aria-label="Close the finding">
            ✕
          </button>
        </div>
      </header>
      {error !== undefined && <p class="problem">{error}</p>}
      {detail === undefined && error === undefined && <p class="empty">Loading …</p>}
      {detail !== undefined && <Detail detail={detail} />}
    </section>
  );
}

function Detail({ detail }: { readonly detail: FindingDetail }) {
  const unit = (name: string) => detail.columns.find((column) => column.name === name)?.unit;
  const evidence = detail.columns.filter(({ name }) => detail.evidence[name] !== undefined && name !== 'time');
  const series = detail.series.map((row) => ({ time: Date.parse(String(row['time'])) / 1000, value: Number(row['value']) }));
  const step = (Date.parse(detail.until) - Date.parse(detail.lastTime)) / 1000;
  return (
    <div class="finding-body">
      <div>
        <h3>Evidence</h3>
        <dl class="facts">
          {evidence.map(({ name }) => (
            <div key={name}>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd>
                <bdi>{humanValue(detail.evidence[name] ?? null, unit(name))}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <div>
        {series.length > 0 && (
          <>
            <h3>Compared with the baseline</h3>
            <Sized>
              {(width) => (
                <Baseline
                  series={series}
                  step={step}
                  found={{ from: Date.parse(detail.time) / 1000, to: Date.parse(detail.until) / 1000 }}
                  unit={unit(detail.analysis.measure ?? '')}
                  width={width}
                />
              )}
            </Sized>
          </>
        )}
        <h3>What it means</h3>
        <p>{detail.summary}</p>
        {detail.falsePositives !== undefined && (
          <p>
            <b>False positives:</b> {detail.falsePositives}
          </p>
        )}
        {detail.runbook !== undefined && (
          <p>
            <b>What to do:</b> {detail.runbook}
          </p>
        )}
        <p>
          <b>In a terminal:</b> <code>{detail.texts.command}</code>
        </p>
      </div>
    </div>
  );
}
