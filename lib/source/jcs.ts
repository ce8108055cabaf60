/**
 * JCS (Jio Cloud Services) flow logs: answers of DescribeFlowLog, one or several in a file, as its client writes them.
 * The service's "VPC Flow Logs feature, API and User Guide", version 1.0 of 2016-11-04.
 */
import type { ForeignLines, ForeignRecord } from './foreign-lines';
import { addressType, wordOf } from './foreign-lines';
import { type JsonObject, JsonObjects, parseJsonObject } from './json-objects';

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

/** Reads the items of a file, chunk by chunk. */
export function jcsReader(lines: ForeignLines): JsonObjects {
  const read = ({ text: raw, line }: JsonObject) => {
    const json = Buffer.from(raw, 'latin1').toString('utf8');
    let item: unknown;
    try {
      item = parseJsonObject(json);
    } catch (error) {
      return lines.badLine(line, json, `not valid JSON: ${(error as Error).message}`);
    }
    const known = item as Readonly<Record<string, unknown>>;
    if (!KEYS.some((key) => key in known)) return lines.badLine(line, json, `no flow: expected keys such as ${KEYS.join(', ')}`);
    lines.record(line, recordOf(lines, line, known));
  };
  return new JsonObjects(read, ({ text: raw, line }, reason) => lines.badLine(line, raw, `not valid JSON: ${reason}`));
}
