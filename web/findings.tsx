import { humanCount, humanNumber, humanValue } from '../lib/analysis/human';
import { notJudgedLines } from '../lib/finding/not-judged';
import { interval, time } from './charts/format';
import { type During, isDuring } from './during';
import { Severity } from './finding-card';
import type { Findings, ToldFinding } from './types';

/** Rows of the list; more would make the page slow. */
const MOST_ROWS = 1000;

interface FindingsViewProps {
  readonly findings: Findings;
  /** Only findings of this time. */
  readonly during: During | undefined;
  readonly onFinding: (finding: ToldFinding) => void;
  readonly onAll: () => void;
}

/** What the detections found, newest first. */
export function FindingsView({ findings, during, onFinding, onAll }: FindingsViewProps) {
  const all = findings.findings;
  const newest = (during === undefined ? [...all] : all.filter((finding) => isDuring(finding, during))).reverse();
  const found =
    during === undefined
      ? `${humanNumber(all.length)} found by the detections`
      : `${humanNumber(newest.length)} of ${humanNumber(all.length)} found by the detections, from ${interval(during.from, during.to)}`;
  return (
    <div class="grid">
      <section class="card span-12" aria-labelledby="findings-title">
        <header class="card-head">
          <div>
            <h2 id="findings-title">Findings</h2>
            <p class="meaning">
              {findings.status === 'running'
                ? 'The detections are running; this takes a moment, once for the same logs.'
                : findings.status === 'failed'
                  ? 'The detections could not run.'
                  : all.length === 0
                    ? `The detections found nothing unusual in what they could judge${findings.notJudged.length === 0 ? '' : '; what they could not is listed below'}.`
                    : `${found}. Select one to see its time, its actor and its evidence.`}
            </p>
          </div>
          {during !== undefined && (
            <button type="button" onClick={onAll}>
              Show all
            </button>
          )}
        </header>
        {findings.error !== undefined && <p class="problem">{findings.error}</p>}
        {findings.status === 'running' && <div class="working" role="progressbar" aria-label="Detections are running" />}
        {newest.length > 0 && (
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Time (UTC)</th>
                <th scope="col">Severity</th>
                <th scope="col">What</th>
                <th scope="col">Detection</th>
              </tr>
            </thead>
            <tbody>
              {newest.slice(0, MOST_ROWS).map((finding) => (
                <tr key={finding.id}>
                  <td>{time(Date.parse(finding.time) / 1000)}</td>
                  <td>
                    <Severity value={finding.severity} />
                  </td>
                  <td>
                    <button type="button" class="link" onClick={() => onFinding(finding)}>
                      <bdi>{finding.title}</bdi>
                    </button>
                  </td>
                  <td>{finding.detection}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {newest.length > MOST_ROWS && (
          <p class="meaning">
            The newest {humanNumber(MOST_ROWS)} of {humanNumber(newest.length)}. A mark below the time axis of the overview lists the
            findings of that time; `flowlogs detect` prints all.
          </p>
        )}
        {findings.notJudged.length > 0 && (
          <details open={all.length === 0}>
            <summary>
              Not judged: {humanCount(new Set(findings.notJudged.map(({ detection }) => detection)).size, 'detection')}, all or in part
            </summary>
            <ul>
              {notJudgedLines(findings.notJudged).map((text) => (
                <li key={text}>
                  <bdi>{humanValue(text.replace('Not judged: ', ''), undefined)}</bdi>
                </li>
              ))}
            </ul>
          </details>
        )}
      </section>
    </div>
  );
}
