import { ACCEPTED, peer, REJECTED, sliding } from './peer';

const FIFTY_GB = 53_687_091_200;

/** Its four templates, each over ten minutes. */
export const elastic = peer(
  'Elastic',
  'github.com/elastic/integrations, packages/aws_vpcflow_otel/kibana/alerting_rule_template (2026-03): thresholds as published',
  [
    { name: 'high-reject-actions', severity: 'medium', sql: sliding('interface_id', 'count(*)', REJECTED, 100) },
    { name: 'reject-ip', severity: 'medium', sql: sliding('srcaddr', 'count(*)', REJECTED, 1000) },
    { name: 'high-data-transfer-rate', severity: 'medium', sql: sliding('interface_id', 'sum(bytes)', ACCEPTED, FIFTY_GB) },
    { name: 'massive-data-transfer', severity: 'medium', sql: sliding('srcaddr', 'sum(bytes)', `srcaddr <> '-'`, FIFTY_GB) },
  ],
);
