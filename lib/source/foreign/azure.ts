/**
 * Azure flow logs: PT1H.json of virtual networks (version 4) and of network security groups (versions 1 and 2).
 * https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
 * https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview
 */
import { jsonFile, type JsonRead, startsLikeJson } from './json';
import type { ForeignLines, ForeignRecord } from './lines';
import { perFile } from './reader';
import { addressType, at, type Json, lastPart, listOf, objectOf, textOf, Values } from './values';

const PROTOCOLS: Readonly<Record<string, string>> = { T: 'TCP', U: 'UDP' };
const DIRECTIONS = { i: 'ingress', o: 'egress' } as const;
const DECISIONS = { a: 'ACCEPT', d: 'REJECT' } as const;
const STATES = { b: 'B', c: 'C', e: 'E', d: 'D' } as const;
const OPPOSITE = { ingress: 'egress', egress: 'ingress' } as const;

/** Tuples of one rule. */
interface Group {
  readonly tuples: readonly unknown[];
  /** Their location, for display. */
  readonly path: string;
  /** What is the same for all of them. */
  readonly frame: ForeignRecord;
}

const part = (path: unknown, name: string): string | undefined =>
  typeof path === 'string' ? textOf(new RegExp(`/${name}/([^/]+)`, 'i').exec(path)?.[1]) : undefined;

/** What of the record says where the flow was seen. */
function frameOf(record: Json): ForeignRecord {
  const target = record['targetResourceID'] ?? record['resourceId'] ?? record['resourceID'];
  const log = record['flowLogResourceID'];
  return {
    version: 5,
    'account-id': (part(target, 'subscriptions') ?? part(log, 'subscriptions'))?.toLowerCase(),
    'interface-id': textOf(record['macAddress']),
    'vpc-id': part(target, 'virtualNetworks'),
    'subnet-id': part(target, 'subnets'),
    region: part(log, 'networkWatchers')
      ?.replace(/^NetworkWatcher_/i, '')
      .toLowerCase(),
    target_resource: lastPart(target),
  };
}

function virtualNetworkGroups(record: Json): Group[] {
  const frame = frameOf(record);
  return listOf(at(record, 'flowRecords', 'flows')).flatMap((flow, i) =>
    listOf(at(flow, 'flowGroups')).map((group, j) => ({
      tuples: listOf(at(group, 'flowTuples')),
      path: `flowRecords.flows[${i}].flowGroups[${j}]`,
      frame: { ...frame, acl_id: textOf(at(flow, 'aclID')), acl_rule: textOf(at(group, 'rule')) },
    })),
  );
}

function securityGroupGroups(record: Json): Group[] {
  const frame = frameOf(record);
  return listOf(at(record, 'properties', 'flows')).flatMap((rule, i) =>
    listOf(at(rule, 'flows')).map((flow, j) => ({
      tuples: listOf(at(flow, 'flowTuples')),
      path: `properties.flows[${i}].flows[${j}]`,
      frame: {
        ...frame,
        'interface-id': textOf(at(flow, 'mac')) ?? frame['interface-id'],
        acl_id: frame['target_resource'],
        acl_rule: textOf(at(rule, 'rule')),
      },
    })),
  );
}

interface Tuple {
  readonly time: unknown;
  readonly addresses: readonly [unknown, unknown];
  readonly ports: readonly [unknown, unknown];
  readonly protocol: unknown;
  readonly direction: unknown;
  readonly decision: unknown;
  readonly state: unknown;
  readonly encryption: unknown;
  /** Packets and bytes from the source, packets and bytes from the destination. */
  readonly counts: readonly unknown[];
}

/** A tuple by its number of parts: 8 in version 1 of network security groups, 13 in version 2 and in virtual networks. */
function tupleOf(text: string, version4: boolean): Tuple | undefined {
  const [time, source, target, sourcePort, targetPort, protocol, direction, ...rest] = text.split(',').map((value) => value.trim());
  const common = { time, addresses: [source, target], ports: [sourcePort, targetPort], direction } as const;
  if (version4) {
    const [state, encryption, ...counts] = rest;
    if (counts.length !== 4) return undefined;
    return { ...common, protocol, decision: state === 'D' ? 'D' : 'A', state, encryption, counts };
  }
  const [decision, state, ...counts] = rest;
  if (rest.length !== 1 && counts.length !== 4) return undefined;
  return { ...common, protocol: PROTOCOLS[protocol ?? ''] ?? protocol, decision, state, encryption: undefined, counts };
}

/** The source's direction always, the destination's if it sent anything. */
function readTuple(lines: ForeignLines, line: number, { time, addresses, ports, ...tuple }: Tuple, frame: ForeignRecord): void {
  const values = new Values(lines, line);
  const [source, target] = addresses.map(textOf);
  const [sourcePort, targetPort] = ports;
  values.required({
    'time stamp': time,
    'source IP': source,
    'destination IP': target,
    protocol: tuple.protocol,
    decision: tuple.decision,
  });
  const start = values.seconds('time stamp', time);
  const direction = values.word('direction', tuple.direction, DIRECTIONS);
  const [packets, bytes, answeredPackets, answeredBytes] = ['packets sent', 'bytes sent', 'packets received', 'bytes received'].map(
    (name, i) => values.count(name, tuple.counts[i]),
  );
  const common: ForeignRecord = {
    ...frame,
    protocol: values.protocol('protocol', tuple.protocol),
    start,
    end: start,
    action: values.word('decision', tuple.decision, DECISIONS),
    'log-status': 'OK',
    type: addressType(source),
    flow_state: values.word('flow state', tuple.state, STATES),
    flow_encryption: textOf(tuple.encryption),
  };
  const srcport = values.count('source port', sourcePort) ?? 0;
  const dstport = values.count('destination port', targetPort) ?? 0;
  lines.record(line, { ...common, srcaddr: source, dstaddr: target, srcport, dstport, packets, bytes, 'flow-direction': direction });
  if (Number(answeredPackets ?? 0) + Number(answeredBytes ?? 0) === 0) return;
  lines.record(line, {
    ...common,
    ...{ srcaddr: target, dstaddr: source, srcport: dstport, dstport: srcport, packets: answeredPackets, bytes: answeredBytes },
    'flow-direction': direction === undefined ? undefined : OPPOSITE[direction],
  });
}

const read: JsonRead = (lines, line, value, raw) => {
  const record = objectOf(value);
  const version4 = 'flowRecords' in record;
  if (!version4 && at(record, 'properties', 'flows') === undefined)
    return lines.badLine(line, raw, 'not a flow log record: expected flowRecords.flows or properties.flows');
  for (const { tuples, path, frame } of version4 ? virtualNetworkGroups(record) : securityGroupGroups(record)) {
    for (const [i, text] of tuples.entries()) {
      const tuple = typeof text === 'string' ? tupleOf(text, version4) : undefined;
      if (tuple !== undefined) readTuple(lines, line, tuple, frame);
      else
        lines.badLine(
          line,
          typeof text === 'string' ? text : JSON.stringify(text),
          `${path}.flowTuples[${i}]: expected ${version4 ? '13' : '8 (version 1) or 13 (version 2)'} values between commas`,
        );
    }
  }
};

export const azure = perFile(
  (head) => startsLikeJson(head) && (/"flowTuples"\s*:/.test(head) || /"(?:FlowLogFlowEvent|NetworkSecurityGroupFlowEvents?)"/.test(head)),
  (lines) => jsonFile(lines, { arrays: new Set(['records']) }, read),
);
