/**
 * JCS (Jio Cloud Services) flow logs: answers of DescribeFlowLog, one or several in a file, as its client writes them.
 * The service's "VPC Flow Logs feature, API and User Guide", version 1.0 of 2016-11-04.
 */
import { jsonFile, type JsonRead } from './json';
import type { ForeignLines, ForeignRecord } from './lines';
import { perFile } from './reader';
import { addressType, objectOf, wordOf } from './values';

const ACTIONS = { pass: 'ACCEPT', dropped: 'REJECT', drop: 'REJECT' } as const;

/** The guide says it both ways; docs/sources/jcs.md has why this is the reading. */
const DIRECTIONS = { '1': 'egress', '0': 'ingress' } as const;

const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);

/** Microseconds since 1970 as Unix seconds; 0 is "not yet". */
function seconds(lines: ForeignLines, line: number, name: string, value: unknown): string | undefined {
  const micros = text(value);
  if (micros === undefined || micros === '' || micros === '0') return undefined;
  if (/^\d{7,19}$/.test(micros)) return micros.slice(0, -6);
  lines.badValue(line, name, value, 'expected microseconds since 1970, read as NULL');
  return undefined;
}

function recordOf(lines: ForeignLines, line: number, item: Readonly<Record<string, unknown>>): ForeignRecord {
  const word = <T extends string>(name: string, words: Readonly<Record<string, T>>): T | undefined => {
    const value = item[name];
    const known = wordOf(text(value), words);
    if (known === undefined && value !== undefined)
      lines.badValue(line, name, value, `expected ${Object.keys(words).join(' or ')}, read as NULL`);
    return known;
  };
  return {
    version: 5,
    srcaddr: text(item['sourceip']),
    dstaddr: text(item['destip']),
    srcport: text(item['sport']),
    dstport: text(item['dport']),
    protocol: text(item['protocol']),
    packets: text(item['agg-packets']),
    bytes: text(item['agg-bytes']),
    start: seconds(lines, line, 'setupTime', item['setupTime']),
    end: seconds(lines, line, 'teardownTime', item['teardownTime']),
    action: word('action', ACTIONS),
    'log-status': 'OK',
    type: addressType(item['sourceip']),
    'flow-direction': word('directionIng', DIRECTIONS),
    sg_rule_uuid: text(item['sgRuleUuid']),
    nw_ace_uuid: text(item['nwAceUuid']),
    sourcevn: text(item['sourcevn']),
    destvn: text(item['destvn']),
    uuid_key: text(item['uuidKey']),
    underlay_proto: text(item['underlayProto']),
    underlay_source_port: text(item['underlaySourcePort']),
  };
}

const KEYS = ['sourceip', 'destip', 'action', 'setupTime', 'uuidKey'];

const read: JsonRead = (lines, line, value, raw) => {
  const item = objectOf(value);
  if (KEYS.some((key) => key in item)) lines.record(line, recordOf(lines, line, item));
  else lines.badLine(line, raw, `not a flow: expected keys such as ${KEYS.join(', ')}`);
};

/** Commas too many and a missing outer brace, as in the guide's sample, do no harm. */
export const jcs = perFile(
  (head) => /^\s*["[{]/.test(head) && /"(?:DescribeFlowLogResponse|directionIng|sgRuleUuid|nwAceUuid)"\s*:/.test(head),
  (lines) => jsonFile(lines, { arrays: 'any' }, read),
);
