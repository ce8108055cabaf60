import { humanNumber } from '../lib/analysis/human';
import { time } from './charts/format';
import { Severity } from './finding-card';
import type { Findings, ToldFinding } from './types';

/** All that the detections found, newest first. */
export function FindingsView({ findings, onFinding }: { readonly findings: Findings; readonly onFinding: (finding: ToldFinding) => void }) {
  const newest = [...findings.findings].reverse();
  return (
    <div class="grid">
      <section class="card span-12" aria-labelledby="findings-title">
        <header class="card-head">
          <div>
            <h2 id="findings-title">Findings</h2>
            <p class="meaning">
              {findings.status === 'running'
                ? 'The detections are looking through the logs; this takes a moment, once for the same logs.'
                : findings.status === 'failed'
                  ? 'The detections could not run.'
                  : newest.length === 0
                    ? 'The detections found nothing unusual in these logs.'
                    : `${humanNumber(newest.length)} found by the detections. Choose one to see its time, who did it, and the evidence.`}
            </p>
          </div>
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
              {newest.slice(0, 1000).map((finding) => (
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
        {newest.length > 1000 && <p class="meaning">The newest 1,000 of {humanNumber(newest.length)}; `flowlogs detect` prints all.</p>}
        {findings.notes.length > 0 && (
          <details>
            <summary>{findings.notes.length} detections did not run here</summary>
            <ul>
              {findings.notes.map((note) => (
                <li key={note}>{note.replace('Not run: ', '')}</li>
              ))}
            </ul>
          </details>
        )}
      </section>
    </div>
  );
}
