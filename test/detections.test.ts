import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Catalogue } from '../lib/analysis/catalogue';
import { compareSeverity } from '../lib/analysis/severity';
import { type Detected, detect } from '../lib/detect';
import { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { incidentsOf } from '../lib/finding/incident';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { withLogs } from './support/logs';

const FOLDER = join(__dirname, 'fixtures', 'detections');
const catalogue = new Catalogue();

interface Case {
  readonly about: string;
  /** Each must tell once, and of this actor; others may tell of it as well, as parts of the same incident. */
  readonly found?: Readonly<Record<string, string>>;
  /** What may tell of others, no more than `low`. */
  readonly also?: readonly string[];
}

/** What an analyst wants to be told, with the defaults. */
const CASES: Readonly<Record<string, Case>> = {
  'C1-control-brute-force-refused': { about: 'a stranger tries many ports', found: { 'port-scan': '45.9.148.7' } },
  'F1-blocked-client-both-interfaces': {
    about: 'a client retries a closed port: its interface says ACCEPT, that of the server REJECT',
    also: ['repeated-refusals'],
  },
  'F2-web-server-answers-client-on-3306': { about: 'clients whose source port is that of a database' },
  'F3-nat-gateway-knocked': { about: 'SYNs that a NAT gateway drops' },
  'F5-cdn-origin-60GB-an-hour': { about: '60 GB an hour, every hour' },
  'F6-new-pods-use-the-database': { about: 'every pod has a new address' },
  'F7-own-resolver': { about: 'a resolver of ours asks 40 servers', found: { 'dns-bypass': '10.0.0.53' } },
  'F9-one-scan-many-highs': {
    about: 'a scan of 60 closed doors and 40 that let its SYN in: none answers',
    found: { 'port-scan': '10.9.9.9' },
  },
  'F11-nat-gateway-counts-twice': { about: '0.6 GB, written twice' },
  'M1-sweep-out-ssh': { about: 'SSH of 600 public addresses', found: { 'port-scan': '10.0.1.5' } },
  'M2-scan-inside-open-groups': { about: 'ports of one host and SMB of a hundred, all ACCEPT', found: { 'port-scan': '10.0.1.5' } },
  'M3-ssh-guessing-on-an-open-port': { about: '900 short sessions', found: { 'password-guessing': '45.9.148.7' } },
  'M5-exfiltration-from-a-two-day-old-instance': { about: '40 GB of a young instance', found: { 'unusual-egress': '10.0.1.5' } },
  'M6-beacon-60s': { about: 'every minute', found: { beaconing: '10.0.1.5' } },
  'M9-beacon-2h': { about: 'every two hours', found: { beaconing: '10.0.1.5' } },
  'M10-spam': { about: 'port 25 of 400 servers', found: { 'mail-burst': '10.0.1.5' } },
  'M12-guess-that-succeeds-same-minute': { about: '60 refusals, then a session', found: { 'accepted-after-rejected': '45.9.148.7' } },
  'M15-dns-tunnel-through-443-or-internal-copy': { about: '30 GB to a peered network', found: { 'internal-transfer': '10.0.1.5' } },
  'M18-beacon-with-one-night-off': { about: 'with a pause of eight hours', found: { beaconing: '10.0.1.5' } },
  'M21-c2-held-open': { about: 'one connection for a day', found: { 'long-connection': '10.0.1.5' } },
};

const detectAll = (name: string): Promise<Detected> =>
  withLogs([join(FOLDER, `${name}.log.gz`)], async (records) => {
    const columns = records.columns.map(({ name: column }) => column);
    const window = await records.range();
    if (window === undefined) throw new Error(`${name} holds no record`);
    const target = { catalogue, engine: await DuckDbEngine.over(records), table: RECORDS_TABLE, columns: new Set(columns) };
    const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
    return detect({ target, records, columns, detections, window, scope: {}, parameters: new Map() });
  });

test('every case has its expectation', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(CASES)
      .map((name) => `${name}.log.gz`)
      .sort(),
  );
});

test.each(Object.entries(CASES).map(([name, wanted]) => ({ name, ...wanted })))(
  '$name: $about',
  async ({ name, found = {}, also = [] }) => {
    const { findings } = await detectAll(name);
    for (const [detection, actor] of Object.entries(found))
      expect(findings.filter((one) => one.detection === detection).map(({ evidence }) => evidence['srcaddr'])).toEqual([actor]);
    const actors = Object.values(found);
    const others = findings.filter(
      ({ detection, evidence }) => !Object.hasOwn(found, detection) && !actors.includes(String(evidence['srcaddr'])),
    );
    expect(others.filter(({ detection, severity }) => !(also.includes(detection) && compareSeverity(severity, 'low') <= 0))).toEqual([]);
    expect(incidentsOf(findings)).toHaveLength(findings.length === 0 ? 0 : 1);
  },
);
