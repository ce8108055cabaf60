import { ACCEPTED, hourly, isPrivate, isPublic, peer, REJECTED } from './peer';

const FOUR_SIGMA = 'n > mean + 4 * deviation';
const OUTWARD = `${isPrivate('srcaddr')} AND ${isPublic('dstaddr')}`;
/** nmap's twenty most frequent ports, as the search has them. */
const TOP_20 = '21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 443, 445, 993, 995, 1723, 3306, 3389, 5900, 8080';

/**
 * The spike search on what it was made for and, in its favour, on refusals and bytes of an interface; four deviations instead of its
 * three, which is the value of its kindred searches and tells less that is wrong.
 */
export const splunk = peer(
  'Splunk 4 sigma',
  'github.com/splunk/security_content, detections/cloud/detect_spike_in_blocked_outbound_traffic_from_your_aws.yml (2026-03), detections/network/internal_horizontal_port_scan_nmap_top_20.yml and internal_vertical_port_scan.yml',
  [
    { name: 'blocked outbound spike', severity: 'medium', sql: hourly('srcaddr', 'count(*)', `${REJECTED} AND ${OUTWARD}`, FOUR_SIGMA, 5) },
    { name: 'rejection spike', severity: 'medium', sql: hourly('interface_id', 'count(*)', REJECTED, FOUR_SIGMA, 24) },
    {
      name: 'outbound bytes spike',
      severity: 'medium',
      sql: hourly('interface_id', 'sum(bytes)', `${ACCEPTED} AND ${OUTWARD}`, FOUR_SIGMA, 24),
    },
    {
      name: 'internal horizontal scan',
      severity: 'medium',
      sql: `SELECT srcaddr AS actor, "start" // 3600 * 3600 AS at, 3600 AS seconds FROM flow_records WHERE ${isPrivate('srcaddr')} AND dstport IN (${TOP_20})
        GROUP BY srcaddr, "start" // 3600, dstport, protocol HAVING count(DISTINCT dstaddr) >= 250`,
    },
    {
      name: 'internal vertical scan',
      severity: 'medium',
      sql: `SELECT srcaddr AS actor, "start" // 3600 * 3600 AS at, 3600 AS seconds FROM flow_records WHERE ${isPrivate('srcaddr')} 
        GROUP BY srcaddr, "start" // 3600, dstaddr HAVING count(DISTINCT dstport) >= 500 AND count(DISTINCT CASE WHEN dstport < 1024 THEN dstport END) >= 20`,
    },
  ],
);
