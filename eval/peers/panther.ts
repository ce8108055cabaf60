import { hourly, isPrivate, peer } from './peer';

/** Direction is in no default-format record: what a private address sends counts as leaving. */
export const panther = peer(
  'Panther',
  'github.com/panther-labs/panther-analysis, rules/aws_vpc_flow_rules (2026-07): aws_vpc_port_scanning, aws_vpc_unapproved_outbound_dns, and the z-score of 10 of Anomalous VPC Traffic; its lists of allowed and blocked ports need a site and are left out',
  [
    {
      name: 'VPC.PortScanning',
      severity: 'medium',
      sql: `SELECT srcaddr || ' ' || dstaddr AS actor, "start" // 3600 * 3600 AS at, 3600 AS seconds FROM flow_records
        WHERE ${isPrivate('srcaddr')} AND srcport NOT IN (80, 123, 443, 445, 53, 853, 2049) AND dstport NOT IN (80, 123, 443, 445, 53, 853, 2049)
        GROUP BY srcaddr, dstaddr, "start" // 3600 HAVING count(DISTINCT dstport) >= 10`,
    },
    {
      name: 'VPC.UnapprovedOutboundDNS',
      severity: 'medium',
      sql: `SELECT srcaddr || ' ' || dstaddr AS actor, min("start") AS at, 3600 AS seconds FROM flow_records
        WHERE ${isPrivate('srcaddr')} AND dstport IN (53, 5353) AND dstaddr NOT IN ('1.1.1.1', '8.8.8.8') GROUP BY srcaddr, dstaddr, "start" // 3600`,
    },
    {
      name: 'anomalous bytes to a port',
      severity: 'medium',
      sql: hourly(
        'srcaddr',
        'sum(bytes)',
        `${isPrivate('srcaddr')} AND dstport < 1024 AND action = 'ACCEPT'`,
        'deviation > 0 AND n > mean + 10 * deviation',
        24,
      ),
    },
  ],
);
