/**
 * Skydive flows: JSON of the flow structure, in an array (as `skydive client query` prints it) or one a line.
 * http://skydive.network/documentation/api-flows
 */
import { protocolNumber } from '../../flow-log/names';
import { jsonFile, NO_ARRAYS, startsLikeJson } from './json';
import type { ForeignLines, ForeignRecord } from './lines';
import type { TextSource } from './reader';
import { addressType } from './values';

interface Layer {
  readonly Protocol?: string;
  readonly A?: string | number;
  readonly B?: string | number;
}

interface Metric {
  readonly ABPackets?: number;
  readonly ABBytes?: number;
  readonly BAPackets?: number;
  readonly BABytes?: number;
  readonly Start?: number;
  readonly Last?: number;
}

interface Flow {
  readonly UUID?: string;
  readonly TrackingID?: string;
  readonly LayersPath?: string;
  readonly Application?: string;
  readonly NodeTID?: string;
  readonly Link?: Layer;
  readonly Network?: Layer;
  readonly Transport?: Layer;
  readonly Metric?: Metric;
  readonly LastUpdateMetric?: Metric;
  readonly TCPMetric?: Readonly<Record<string, unknown>>;
  readonly Start?: number;
  readonly Last?: number;
}

/** Layers of a path that an IP packet can carry. */
const TRANSPORTS = new Set(['ICMPV4', 'TCP', 'UDP', 'ICMPV6', 'SCTP']);

const FLAGS = { Syn: 2, Fin: 1, Rst: 4 } as const;

const MILLISECONDS_FROM = 100_000_000_000;

/** Unix seconds: newer versions count milliseconds, older ones seconds. */
const secondsOf = (time: number | undefined): number | undefined =>
  time === undefined || time === 0 ? undefined : Math.floor(time >= MILLISECONDS_FROM ? time / 1000 : time);

const protocolOf = ({ Transport, LayersPath = '' }: Flow): number | undefined =>
  [Transport?.Protocol ?? '', ...LayersPath.split('/')].filter((layer) => TRANSPORTS.has(layer.toUpperCase())).map(protocolNumber)[0];

/** Flags that one side sent: Skydive keeps when it saw each first. A SYN of the answering side carries an ACK (18), as AWS counts it. */
function flagsOf({ TCPMetric }: Flow, side: 'AB' | 'BA'): number | undefined {
  if (TCPMetric === undefined) return undefined;
  const seen = (flag: keyof typeof FLAGS) => Number(TCPMetric[`${side}${flag}Start`] ?? 0) > 0;
  const sum = (Object.keys(FLAGS) as (keyof typeof FLAGS)[]).reduce((flags, flag) => flags | (seen(flag) ? FLAGS[flag] : 0), 0);
  return side === 'BA' && seen('Syn') ? sum | 16 : sum;
}

const counts = (metric: Metric | undefined) =>
  [metric?.ABPackets, metric?.ABBytes, metric?.BAPackets, metric?.BABytes].map((count) => count ?? 0);

const MINUTE = 60;

/** Reads the flows of one unit: which updates were lost, and which interfaces were idle, shows between them only. */
class SkydiveFlows {
  /** Totals of a flow at its last update. */
  private readonly totals = new Map<string, { counts: number[]; end: number | undefined }>();
  private readonly busy = new Set<string>();
  private readonly idle: { lines: ForeignLines; line: number; record: ForeignRecord }[] = [];

  read(lines: ForeignLines, line: number, value: unknown, json: string): void {
    const flow = value as Flow | null;
    if (typeof flow !== 'object' || flow === null || (flow.Metric ?? flow.LastUpdateMetric ?? flow.Network) === undefined)
      return lines.badLine(line, json, 'not a flow: expected keys such as UUID, Network, Metric');
    const { Network } = flow;
    if (Network?.A === undefined || Network.B === undefined)
      return lines.badLine(line, json, `no IP layer (${flow.LayersPath ?? 'no LayersPath'}): flow logs hold IP traffic only`);
    this.flow(lines, line, flow);
  }

  private flow(lines: ForeignLines, line: number, flow: Flow): void {
    // What this update added; a flow of one update has its totals only.
    const window = flow.LastUpdateMetric ?? flow.Metric;
    const [abPackets = 0, abBytes = 0, baPackets = 0, baBytes = 0] = counts(window);
    const start = secondsOf(window?.Start) ?? secondsOf(flow.Start);
    const end = secondsOf(window?.Last) ?? secondsOf(flow.Last);
    const interfaceId = flow.NodeTID;
    const frame: ForeignRecord = {
      version: 3,
      'interface-id': interfaceId,
      start,
      end,
      flow_uuid: flow.UUID,
      tracking_id: flow.TrackingID,
      layers_path: flow.LayersPath,
      application: flow.Application,
    };
    this.lostUpdate(lines, line, flow, frame);
    if (abPackets + abBytes + baPackets + baBytes === 0) {
      this.idle.push({ lines, line, record: { ...frame, 'log-status': 'NODATA' } });
      return;
    }
    for (const minute of minutesOf(frame)) this.busy.add(minute);
    const { Network, Transport } = flow;
    const common: ForeignRecord = {
      ...frame,
      protocol: protocolOf(flow),
      action: 'ACCEPT',
      'log-status': 'OK',
      type: addressType(Network?.A),
    };
    const side = (from: Layer['A'], to: Layer['A'], fromPort: Layer['A'], toPort: Layer['A']) => ({
      srcaddr: from,
      dstaddr: to,
      srcport: fromPort,
      dstport: toPort,
    });
    if (abPackets + abBytes > 0)
      lines.record(line, {
        ...common,
        ...side(Network?.A, Network?.B, Transport?.A, Transport?.B),
        packets: abPackets,
        bytes: abBytes,
        'tcp-flags': flagsOf(flow, 'AB'),
      });
    if (baPackets + baBytes > 0)
      lines.record(line, {
        ...common,
        ...side(Network?.B, Network?.A, Transport?.B, Transport?.A),
        packets: baPackets,
        bytes: baBytes,
        'tcp-flags': flagsOf(flow, 'BA'),
      });
  }

  /** The totals do not follow from those before and this update: an update between them is missing. */
  private lostUpdate(lines: ForeignLines, line: number, flow: Flow, frame: ForeignRecord): void {
    const { UUID, Metric: total, LastUpdateMetric: update } = flow;
    if (UUID === undefined || total === undefined || update === undefined) return;
    const before = this.totals.get(UUID);
    const [now, added] = [counts(total), counts(update)];
    if (before?.counts.some((count, i) => count + (added[i] ?? 0) < (now[i] ?? 0)) === true)
      lines.record(line, { ...frame, start: before.end ?? frame['start'], end: frame['start'], 'log-status': 'SKIPDATA' });
    this.totals.set(UUID, { counts: now, end: secondsOf(update.Last) });
  }

  /** An interface was idle if nothing else moved on it meanwhile; an idle flow of a busy interface is no record. */
  end(): void {
    const told = new Set<string>();
    for (const { lines, line, record } of this.idle) {
      const key = `${record['interface-id']} ${record['start']} ${record['end']}`;
      if (told.has(key) || minutesOf(record).some((minute) => this.busy.has(minute))) continue;
      told.add(key);
      lines.record(line, record);
    }
  }
}

function minutesOf(record: ForeignRecord): string[] {
  const [start, end] = [Number(record['start'] ?? 0), Number(record['end'] ?? record['start'] ?? 0)];
  const minutes: string[] = [];
  for (let t = Math.floor(start / MINUTE); t <= Math.floor(end / MINUTE) && minutes.length < 1440; t++)
    minutes.push(`${record['interface-id']} ${t}`);
  return minutes;
}

export const skydive: TextSource = {
  form: 'text',
  claims: (head) => startsLikeJson(head) && /"(?:LayersPath|LastUpdateMetric|TrackingID|NodeTID|ANodeTID)"\s*:/.test(head),
  open: () => {
    const flows = new SkydiveFlows();
    return {
      file: (_file, lines) => jsonFile(lines, { arrays: NO_ARRAYS }, (to, line, value, json) => flows.read(to, line, value, json)),
      end: () => {
        flows.end();
        return Promise.resolve([]);
      },
    };
  },
};
