import { quote } from '../analysis/literal';
import { recordsCondition, tableSql } from '../analysis/render';
import type { Partition } from '../flow-log/layout';
import { ANSWER_COLUMNS } from './answer';
import { ApiError, type DescribeRequest } from './request';

export interface View {
  readonly name: string;
  readonly columns: readonly string[];
  readonly partitions: readonly Partition[];
}

/** Athena SQL of a request: only checked values get into it. @throws ApiError if the logs lack the fields */
export function querySql({ from, to, account, direction }: DescribeRequest, view: View): string {
  const there = new Set(view.columns);
  if (direction !== undefined && !there.has('flow_direction'))
    throw new ApiError('InvalidParameterValue', 'direction_ing: the flow logs behind this API do not record flow-direction');
  const select = ANSWER_COLUMNS.map((name) => (there.has(name) ? `"${name}"` : `CAST(NULL AS VARCHAR) AS "${name}"`));
  const conditions = [
    recordsCondition({ from, to }, {}, view.partitions),
    ...(there.has('log_status') ? [`log_status = 'OK'`] : []),
    ...(account === undefined ? [] : [`aws_account = ${quote(account, 'sql')}`]),
    ...(direction === undefined ? [] : [`flow_direction = ${quote(direction, 'sql')}`]),
  ];
  const order = ['start', 'end', 'aws_account', 'interface_id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'bytes'].filter(
    (name) => there.has(name),
  );
  return `SELECT ${select.join(', ')}\nFROM ${tableSql(view.name)}\nWHERE ${conditions.join(' AND ')}\nORDER BY ${order.map((name) => `"${name}"`).join(', ')}`;
}
