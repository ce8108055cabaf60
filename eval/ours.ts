/** Our side, through the function that `flowlogs detect` calls. */
import { chooseDetections } from '../cli/detect';
import { Catalogue } from '../lib/analysis/catalogue';
import type { Severity } from '../lib/analysis/severity';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { detect } from '../lib/detect';
import type { Finding } from '../lib/finding/finding';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import type { Records } from '../lib/source/records';
import type { Told } from './told';

const catalogue = new Catalogue();

/** Findings of all detections that need no list, with default parameters. */
export async function ours(
  engine: DuckDbEngine,
  records: Records,
  window: { readonly from: number; readonly to: number },
  only?: readonly string[],
): Promise<Told[]> {
  const { findings } = await detect({
    target: { catalogue, engine, table: RECORDS_TABLE },
    records,
    columns: records.columns.map(({ name }) => name),
    detections: chooseDetections(catalogue, only?.join(',')),
    window,
    scope: {},
    parameters: new Map(),
  });
  return findings.map(toldOf);
}

const seconds = (iso: string) => Date.parse(iso) / 1000;

function toldOf(finding: Finding): Told {
  const [from, until] = [seconds(finding.time), seconds(finding.until)];
  return {
    rule: finding.detection,
    severity: finding.severity satisfies Severity,
    names: namesOf(finding),
    from,
    until,
    tellable: from + until - seconds(finding.lastTime),
    event: incidentOf(finding) ?? finding.id,
    title: finding.title,
  };
}

/** Findings of one incident are told as one, once findings say which. */
const incidentOf = (finding: Finding & { readonly incident?: unknown }): string | undefined =>
  typeof finding.incident === 'string' ? finding.incident : undefined;

/** Every address and interface in the key, the title and the rows. */
function namesOf({ key, title, evidence, rows }: Finding): ReadonlySet<string> {
  const text = [decodeURIComponent(key.replaceAll('/', ' ')), title, JSON.stringify(evidence), JSON.stringify(rows)].join(' ');
  return new Set(text.match(/eni-[0-9a-zA-Z-]+|\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}/g) ?? []);
}
