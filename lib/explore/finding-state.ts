import { durationSeconds } from '../analysis/duration';
import type { Value } from '../analysis/columns';
import type { AnalysisDefinition } from '../analysis/schema';
import type { Finding } from '../finding/finding';
import { DIMENSIONS, type DimensionId } from './dimensions';
import { EVERYTHING, type ExploreState, type Filter, type TimeRange } from './state';
import { domainOf } from './steps';

/** Evidence columns that say who or where, and the dimension that holds them. */
const OWN: readonly DimensionId[] = ['srcaddr', 'dstaddr', 'dstport', 'protocol', 'interface_id', 'subnet_id', 'vpc_id', 'action'];
/** `actor_type` of detections that watch several kinds of things. */
const ACTORS: Readonly<Record<string, DimensionId>> = {
  interface: 'interface_id',
  subnet: 'subnet_id',
  vpc: 'vpc_id',
  source: 'srcaddr',
  destination: 'dstaddr',
};

/** Windows before and after the finding that are shown around it. */
const AROUND = 12;

function filterOf(id: DimensionId, value: Value | undefined): Filter | undefined {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return undefined;
  const own = DIMENSIONS[id].type === 'integer' ? Number(value) : String(value);
  return typeof own === 'number' && !Number.isSafeInteger(own) ? undefined : { values: [own], exclude: false };
}

/** Where a finding can be seen: its window selected, some past and future around it, its actor as filter. */
export function stateOfFinding(
  finding: Finding,
  { lookback, finding: definition }: Pick<AnalysisDefinition, 'lookback' | 'finding'>,
  all: TimeRange,
  there: ReadonlySet<DimensionId>,
): ExploreState {
  const from = Date.parse(finding.time) / 1000;
  const to = Math.max(Date.parse(finding.until) / 1000, from + 1);
  const margin = Math.max(AROUND * (to - from), Math.min(durationSeconds(lookback ?? '0m') ?? 0, 86400));
  const range = { from: Math.max(from - margin, all.from), to: Math.min(to + AROUND * (to - from), all.to) };
  const { step } = domainOf(range.from, range.to);
  const { evidence } = finding;
  const actor = ACTORS[String(evidence['actor_type'])];
  const pairs: [DimensionId, Value | undefined][] = [
    ...OWN.map((id): [DimensionId, Value | undefined] => [id, evidence[id]]),
    ...(definition?.measure === 'rejected' ? [['action', 'REJECT'] as [DimensionId, Value]] : []),
    ...(actor === undefined ? [] : [[actor, evidence['actor']] as [DimensionId, Value | undefined]]),
    ...(evidence['listed_address'] === undefined
      ? []
      : listedEnds(evidence['direction'], evidence['listed_address'], evidence['own_address'])),
  ];
  const filters = Object.fromEntries(
    pairs.flatMap(([id, value]) => {
      const filter = there.has(id) ? filterOf(id, value) : undefined;
      return filter === undefined ? [] : [[id, filter]];
    }),
  );
  return {
    ...EVERYTHING,
    measure: definition?.measure === 'bytes' ? 'bytes' : 'records',
    ...(range.from < range.to ? { range: { from: Math.floor(range.from), to: Math.ceil(range.to) } } : {}),
    brush: { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step },
    filters,
  };
}

/** Ends of a match with a list: the listed address is the source of what comes in. */
const listedEnds = (direction: Value | undefined, listed: Value, own: Value | undefined): [DimensionId, Value | undefined][] =>
  direction === 'from'
    ? [
        ['srcaddr', listed],
        ['dstaddr', own],
      ]
    : [
        ['srcaddr', own],
        ['dstaddr', listed],
      ];
