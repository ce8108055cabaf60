/**
 * Alibaba Cloud VPC flow logs: logs of Simple Log Service as JSON or CSV, downloaded or shipped to OSS.
 * https://www.alibabacloud.com/help/en/sls/vpc
 */
import { csvFields } from '../csv-line';
import { jsonFile, startsLikeJson } from './json';
import type { ForeignLines } from './lines';
import { type FileReader, jsonOrRows, perFile } from './reader';
import { firstLine, rowFile } from './rows';
import { addressType, type Json, objectOf, textOf, Values } from './values';

const DIRECTIONS = { in: 'ingress', out: 'egress' } as const;
const ACTIONS = { accept: 'ACCEPT', reject: 'REJECT' } as const;
const STATUSES = { ok: 'OK', nodata: 'NODATA', skipdata: 'SKIPDATA' } as const;

/** Keys with hyphens, however a tool spelt them. */
const hyphened = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key.replaceAll('_', '-'), value]));

function read(lines: ForeignLines, line: number, fields: Json, raw: string): void {
  const flow = hyphened(fields);
  if (!('eni-id' in flow) && !('srcaddr' in flow))
    return lines.badLine(line, raw, 'not a flow: expected keys such as eni-id, srcaddr, dstaddr');
  const values = new Values(lines, line);
  const status = values.word('log-status', flow['log-status'], STATUSES);
  const { srcaddr, dstaddr, protocol, packets, bytes, start, end, action, direction } = flow;
  values.required({ 'eni-id': flow['eni-id'], start, end, 'log-status': flow['log-status'] });
  if (status === 'OK') values.required({ srcaddr, dstaddr, protocol, packets, bytes, action });
  lines.record(line, {
    version: 5,
    'account-id': textOf(flow['account-id']),
    'interface-id': textOf(flow['eni-id']),
    srcaddr: textOf(srcaddr),
    dstaddr: textOf(dstaddr),
    srcport: values.count('srcport', flow['srcport']),
    dstport: values.count('dstport', flow['dstport']),
    protocol: values.protocol('protocol', protocol),
    packets: values.count('packets', packets),
    bytes: values.count('bytes', bytes),
    start: values.seconds('start', start),
    end: values.seconds('end', end),
    action: values.word('action', action, ACTIONS),
    'log-status': status,
    'vpc-id': textOf(flow['vpc-id']),
    'subnet-id': textOf(flow['vswitch-id']),
    'instance-id': textOf(flow['vm-id']),
    'tcp-flags': values.count('tcp-flags', flow['tcp-flags']),
    type: addressType(textOf(srcaddr)),
    region: textOf(flow['region']),
    'flow-direction': values.word('direction', direction, DIRECTIONS),
    sampling_path: textOf(flow['traffic-path']) ?? textOf(flow['TrafficPath']) ?? textOf(flow['trafficPath']),
    srctype: textOf(flow['srctype']),
    dsttype: textOf(flow['dsttype']),
  });
}

const isHeader = (line: string): boolean => /(?:^|,)"?eni[-_]id"?(?:,|$)/.test(line);

const csvFile = (lines: ForeignLines): FileReader =>
  rowFile(lines, { split: csvFields, header: (line) => (isHeader(line) ? csvFields(line) : undefined), passes: () => false, row: read });

/** A log as the service's consumers hand it on has its fields in `contents`. */
const readLog = (lines: ForeignLines, line: number, value: unknown, raw: string): void => {
  const log = objectOf(value);
  read(lines, line, 'contents' in log ? objectOf(log['contents']) : log, raw);
};

export const alibaba = perFile(
  (head) =>
    startsLikeJson(head)
      ? /"eni[-_]id"\s*:/.test(head) && /"(?:srcaddr|vswitch[-_]id|vm[-_]id)"\s*:/.test(head)
      : isHeader(firstLine(head)),
  (lines) =>
    jsonOrRows(
      lines,
      () => jsonFile(lines, { arrays: new Set(['logs']) }, readLog),
      () => csvFile(lines),
    ),
);
