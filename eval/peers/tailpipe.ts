import { ACCEPTED, peer } from './peer';

const each = (where: string) =>
  `SELECT srcaddr || ' ' || dstaddr AS actor, min("start") AS at, 60 AS seconds FROM flow_records WHERE ${where} GROUP BY srcaddr, dstaddr, "start" // 3600`;

/** Its six look at one record each. */
export const tailpipe = peer('Tailpipe', 'github.com/turbot/tailpipe-mod-aws-vpc-flow-log-detections v0.1.0, detections/*.pp', [
  { name: 'large_data_transfer', severity: 'medium', sql: each(`${ACCEPTED} AND bytes > 500000000`) },
  { name: 'high_packet_traffic', severity: 'medium', sql: each(`${ACCEPTED} AND packets > 10000`) },
  { name: 'ssh_traffic', severity: 'medium', sql: each('dstport = 22') },
  { name: 'rdp_traffic', severity: 'medium', sql: each('dstport = 3389') },
  {
    name: 'database_traffic',
    severity: 'medium',
    sql: each(`${ACCEPTED} AND dstport IN (1433, 1521, 3306, 5432, 6379, 27017, 9042, 9200, 5984, 7000, 7474, 8086, 11211, 50000)`),
  },
  { name: 'traffic_with_unusual_protocols', severity: 'medium', sql: each(`${ACCEPTED} AND protocol NOT IN (1, 6, 17)`) },
]);
