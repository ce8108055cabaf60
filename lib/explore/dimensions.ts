/** What records can be grouped and filtered by in the explorer and in reports. No imports but names: the browser uses it too. */
import type { Unit } from '../analysis/human';

export interface Dimension {
  readonly id: DimensionId;
  /** Heading of its panel. */
  readonly title: string;
  /** What one value is called in a sentence. */
  readonly one: string;
  readonly type: 'text' | 'integer';
  readonly unit?: Unit;
  /** SQL names of the columns that it is made of. */
  readonly needs: readonly string[];
  /** Ascending lower bounds of buckets 1, 2, …; bucket 0 has the values below the first. */
  readonly edges?: readonly number[];
  /** Explanation for people who are new to flow logs. */
  readonly meaning: string;
}

export const DIMENSION_IDS = [
  'action',
  'srcaddr',
  'dstaddr',
  'dstport',
  'protocol',
  'interface_id',
  'subnet_id',
  'instance_id',
  'vpc_id',
  'account_id',
  'flow_direction',
  'traffic_path',
  'source_group',
  'destination_group',
  'bytes_size',
  'packets_size',
  'weekday_hour',
  'log_status',
] as const;
export type DimensionId = (typeof DIMENSION_IDS)[number];

/** 1, 2, 5, 10, 20, … between two powers of ten. */
const series = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => [1, 2, 5].map((digit) => digit * 10 ** (from + i))).flat();

const own = (
  id: DimensionId,
  title: string,
  one: string,
  meaning: string,
  rest: Partial<Pick<Dimension, 'type' | 'unit' | 'needs' | 'edges'>> = {},
): Dimension => ({ id, title, one, meaning, type: 'text', needs: [id], ...rest });

export const DIMENSIONS: Readonly<Record<DimensionId, Dimension>> = {
  action: own('action', 'Action', 'action', 'ACCEPT: security groups and network ACLs allowed the traffic. REJECT: they did not.'),
  srcaddr: own('srcaddr', 'Sources', 'source', 'Source address of the packets.'),
  dstaddr: own('dstaddr', 'Destinations', 'destination', 'Destination address of the packets.'),
  dstport: own(
    'dstport',
    'Destination ports',
    'port',
    'Destination port of the packets, with the usual service. Responses go to high ports.',
    {
      type: 'integer',
      unit: 'port',
    },
  ),
  protocol: own('protocol', 'Protocols', 'protocol', 'IP protocol: TCP for connections, UDP for datagrams, ICMP for ping and errors.', {
    type: 'integer',
    unit: 'protocol',
  }),
  interface_id: own('interface_id', 'Interfaces', 'interface', 'Network interface that recorded the flow.'),
  subnet_id: own('subnet_id', 'Subnets', 'subnet', 'Subnet of the network interface.'),
  instance_id: own('instance_id', 'Instances', 'instance', 'EC2 instance that the network interface belongs to.'),
  vpc_id: own('vpc_id', 'VPCs', 'VPC', 'Virtual private cloud of the network interface.'),
  account_id: own('account_id', 'Accounts', 'account', 'AWS account that owns the network interface.'),
  flow_direction: own('flow_direction', 'Direction', 'direction', 'Seen from the interface: ingress comes in, egress goes out.'),
  traffic_path: own(
    'traffic_path',
    'Egress path',
    'path',
    'Path of outgoing traffic: through an internet gateway, a VPC endpoint, peering, …',
    {
      type: 'integer',
      unit: 'traffic-path',
    },
  ),
  source_group: own('source_group', 'Source networks', 'source network', 'Named network of the source, otherwise private or public.', {
    needs: ['srcaddr'],
  }),
  destination_group: own(
    'destination_group',
    'Destination networks',
    'destination network',
    'Named network of the destination, otherwise private or public.',
    {
      needs: ['dstaddr'],
    },
  ),
  bytes_size: own('bytes_size', 'Bytes per record', 'size', 'Size of flows: many small flows are probes, few large flows are transfers.', {
    type: 'integer',
    needs: ['bytes'],
    edges: series(1, 10).slice(2),
  }),
  packets_size: own(
    'packets_size',
    'Packets per record',
    'number of packets',
    'Packets per record: a single packet is mostly an unanswered probe.',
    {
      type: 'integer',
      needs: ['packets'],
      edges: series(0, 8),
    },
  ),
  weekday_hour: own(
    'weekday_hour',
    'Hour and weekday',
    'hour of the week',
    'Hour of the week, in UTC: human activity appears in working hours, automated traffic around the clock.',
    {
      type: 'integer',
      needs: ['start'],
    },
  ),
  log_status: own(
    'log_status',
    'Log status',
    'log status',
    'OK: a flow. NODATA: the interface had no traffic in this interval. SKIPDATA: records are missing.',
  ),
};

export const isDimension = (id: string): id is DimensionId => (DIMENSION_IDS as readonly string[]).includes(id);

/** Names of the two groups that every address belongs to that is in none of the user's. */
export const DEFAULT_GROUPS = ['private', 'public'] as const;

/** Hours of a week from Monday 00:00 UTC on. */
export const WEEK_HOURS = 168;

/** `[from, to)` of a bucket; `to` is Infinity for the last one. */
export function bucketBounds({ edges = [] }: Dimension, bucket: number): { from: number; to: number } {
  return { from: bucket === 0 ? 0 : (edges[bucket - 1] ?? 0), to: edges[bucket] ?? Infinity };
}
