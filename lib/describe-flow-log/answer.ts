/** Our records in the documented words of DescribeFlowLog. docs/api.md has the table. */
import type { Row } from '../analysis/columns';

/** An item of an answer: every value is a string, as documented. */
export type Item = Readonly<Record<(typeof ITEM_FIELDS)[number], string>>;

export const ITEM_FIELDS = [
  'action',
  'agg-bytes',
  'agg-packets',
  'destip',
  'destvn',
  'directionIng',
  'dport',
  'nwAceUuid',
  'protocol',
  'setupTime',
  'sgRuleUuid',
  'sourceip',
  'sourcevn',
  'sport',
  'teardownTime',
  'underlayProto',
  'underlaySourcePort',
  'uuidKey',
  'account',
  'interface',
] as const;

/** Columns that an answer is made of; those that the view lacks are NULL. */
export const ANSWER_COLUMNS = [
  ...['aws_account', 'interface_id', 'vpc_id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes'],
  ...['start', 'end', 'action', 'flow_direction'],
] as const;

const text = (value: Row[string] | undefined): string => (value === null || value === undefined ? '' : String(value));
const micros = (value: Row[string] | undefined): string => (value === null || value === undefined ? '' : `${value}000000`);

/** What AWS does not record is an empty string; its rule is not in a flow log, so there is no sgRuleUuid. */
export function itemOf(row: Row, id: (key: string) => string): Item {
  const egress = row['flow_direction'] === 'egress';
  const known = row['flow_direction'] !== null && row['flow_direction'] !== undefined;
  const own = text(row['vpc_id']);
  return {
    action: row['action'] === 'ACCEPT' ? 'pass' : row['action'] === 'REJECT' ? 'dropped' : '',
    'agg-bytes': text(row['bytes']),
    'agg-packets': text(row['packets']),
    destip: text(row['dstaddr']),
    destvn: known && !egress ? own : '',
    directionIng: known ? (egress ? '1' : '0') : '',
    dport: text(row['dstport']),
    nwAceUuid: '',
    protocol: text(row['protocol']),
    setupTime: micros(row['start']),
    sgRuleUuid: '',
    sourceip: text(row['srcaddr']),
    sourcevn: known && egress ? own : '',
    sport: text(row['srcport']),
    teardownTime: micros(row['end']),
    underlayProto: '1',
    underlaySourcePort: '0',
    uuidKey: id(ANSWER_COLUMNS.map((name) => text(row[name])).join(' ')),
    account: text(row['aws_account']),
    interface: text(row['interface_id']),
  };
}

export interface Answer {
  readonly DescribeFlowLogResponse: {
    readonly '@xmlns': string;
    readonly requestId: string;
    readonly value: { readonly item: readonly Item[] };
    readonly nextToken?: string;
  };
}

export const NAMESPACE_URI = 'urn:flow-log-analytics:DescribeFlowLog:1';
