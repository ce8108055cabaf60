import { parseFormat } from '../lib/flow-log/format';
import { writeLog } from '../lib/synthetic/capture/lines';
import type { Incident } from './attacks/attack';
import { Stage } from './attacks/stage';
import type { Scenario } from './scenario';
import { DAY, MONDAY } from './world/clock';
import { Sampler } from './world/sampler';
import { type Host, Site } from './world/site';
import { WORKLOADS } from './workloads/all';

const DAYS = 10;
const FORMATS = {
  v2: parseFormat('default'),
  v5: parseFormat(
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr flow-direction',
  ),
};

export interface Built {
  readonly incidents: readonly Incident[];
  readonly records: number;
  readonly interfaces: number;
  /** Interfaces times weeks. */
  readonly interfaceWeeks: number;
}

/** Makes a capture and writes it to `path`. The same scenario gives the same bytes. */
export async function build(scenario: Scenario, path: string): Promise<Built> {
  const { workload: kind, seed, side, half } = scenario;
  const workload = WORKLOADS.find((one) => one.kind === kind);
  if (workload === undefined) throw new Error(`no workload ${kind}: expected one of ${WORKLOADS.map((one) => one.kind).join(', ')}`);
  const days = workload.days?.[half] ?? DAYS;
  const from = (workload.begin?.[half] ?? MONDAY) + (seed % 5) * 1111;
  const site = new Site({
    random: new Sampler(seed),
    from,
    to: from + days * DAY,
    egress: side === 'strict' ? 'strict' : 'open',
    inside: side === 'refused' ? 'grouped' : 'flat',
    network: 16 + (seed % 200),
    aggregationSeconds: workload.aggregationSeconds?.[half] ?? 60,
    stamps: seed % 4 === 3 ? 'interval' : 'packets',
  });
  workload.build(site, half);
  // A stream of its own: with another attack the ordinary traffic stays the same.
  const incidents = plant(scenario, site, new Sampler(seed ^ 0x5eed));
  const records = site.capture.sorted();
  await writeLog(path, records, { format: FORMATS[scenario.format], account: '123456789012', region: 'us-east-1' });
  return { incidents, records: records.length, interfaces: site.capture.interfaces.length, interfaceWeeks: site.interfaceWeeks };
}

/** Each attack begins at another time of the day, after three days of past unless it is an early one. */
function plant({ attacks, name }: Scenario, site: Site, random: Sampler): Incident[] {
  const used = new Set<Host>();
  const days = (site.to - site.from) / DAY;
  return attacks.map(({ kind, variant }, i): Incident => {
    const length = variant.days ?? 1;
    const [first, last] = variant.early === true ? [0.7, 1.8] : [3.2, days - length - 0.1];
    const at = site.from + DAY * (first + (last - first) * ((i + random.between(0.1, 0.9)) / attacks.length));
    const planted = variant.plant(new Stage(site, random, at, used));
    if (planted === undefined) throw new Error(`${name}: no host for ${kind.kind} (${variant.name})`);
    const { from, to, ...rest } = planted;
    return { id: `${kind.kind}: ${variant.name}`, kind: kind.kind, ...rest, from: Math.floor(from), to: Math.ceil(to) };
  });
}
