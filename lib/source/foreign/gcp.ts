/**
 * Google Cloud VPC flow logs: entries of Cloud Logging as a sink writes them to buckets, as `gcloud logging read` prints them, or
 * rows of BigQuery and Log Analytics as JSON.
 * https://cloud.google.com/vpc/docs/about-flow-logs-records
 */
import { jsonFile, type JsonRead, startsLikeJson } from './json';
import { perFile } from './reader';
import { addressType, at, type Json, objectOf, textOf, Values } from './values';

/** Gateways see what passes them: in which direction is not said. */
const DIRECTIONS: Readonly<Record<string, string>> = { SRC: 'egress', DEST: 'ingress' };
const REPORTERS = { src: 'SRC', dest: 'DEST', src_gateway: 'SRC_GATEWAY', dest_gateway: 'DEST_GATEWAY' } as const;

/** The payload of an entry; BigQuery and Log Analytics spell its name with an underscore. */
const payloadOf = (entry: Json): Json => objectOf(entry['jsonPayload'] ?? entry['json_payload'] ?? entry);

const read: JsonRead = (lines, line, value, raw) => {
  const entry = objectOf(value);
  const flow = payloadOf(entry);
  const connection = objectOf(flow['connection']);
  if (!('src_ip' in connection) && !('dest_ip' in connection))
    return lines.badLine(line, raw, 'not a VPC flow: expected jsonPayload.connection with src_ip and dest_ip');
  const values = new Values(lines, line);
  const { src_ip, dest_ip, src_port, dest_port, protocol } = connection;
  const { bytes_sent, packets_sent, start_time, end_time } = flow;
  values.required({ src_ip, dest_ip, protocol, bytes_sent, packets_sent, start_time, end_time });
  const reporter = values.word('reporter', flow['reporter'], REPORTERS);
  // The side that reported is the one whose interface this is.
  const side = reporter === undefined ? undefined : reporter.startsWith('SRC') ? 'src' : 'dest';
  const own = (what: string, key: string) => (side === undefined ? undefined : textOf(at(flow, `${side}_${what}`, key)));
  const label = (name: string) => textOf(at(entry, 'resource', 'labels', name));
  const network = (end: string) => textOf(at(flow, `${end}_vpc`, 'vpc_name'));
  lines.record(line, {
    version: 5,
    'account-id': own('instance', 'project_id') ?? own('vpc', 'project_id') ?? label('project_id'),
    'interface-id': own('instance', 'vm_name') ?? own('gateway', 'name'),
    srcaddr: textOf(src_ip),
    dstaddr: textOf(dest_ip),
    // Protocols without ports have none; AWS writes 0.
    srcport: values.count('src_port', src_port) ?? 0,
    dstport: values.count('dest_port', dest_port) ?? 0,
    protocol: values.protocol('protocol', protocol),
    packets: values.count('packets_sent', packets_sent),
    bytes: values.count('bytes_sent', bytes_sent),
    start: values.seconds('start_time', start_time),
    end: values.seconds('end_time', end_time),
    action: 'ACCEPT',
    'log-status': 'OK',
    'vpc-id': own('vpc', 'vpc_name'),
    'subnet-id': own('vpc', 'subnetwork_name') ?? label('subnetwork_name'),
    'instance-id': own('instance', 'vm_name'),
    type: addressType(src_ip),
    region: own('instance', 'region') ?? own('vpc', 'subnetwork_region') ?? own('gateway', 'location'),
    'az-id': own('instance', 'zone'),
    'flow-direction': DIRECTIONS[reporter ?? ''],
    reporter,
    rtt_msec: values.count('rtt_msec', flow['rtt_msec']),
    src_vm: textOf(at(flow, 'src_instance', 'vm_name')),
    dest_vm: textOf(at(flow, 'dest_instance', 'vm_name')),
    src_network: network('src'),
    dest_network: network('dest'),
    src_country: textOf(at(flow, 'src_location', 'country')),
    dest_country: textOf(at(flow, 'dest_location', 'country')),
    src_google_service: textOf(at(flow, 'src_google_service', 'service_name')) ?? textOf(at(flow, 'src_google_service', 'type')),
    dest_google_service: textOf(at(flow, 'dest_google_service', 'service_name')) ?? textOf(at(flow, 'dest_google_service', 'type')),
  });
};

export const gcp = perFile(
  (head) =>
    startsLikeJson(head) &&
    /"(?:src_ip|dest_ip)"\s*:/.test(head) &&
    // Firewall rules logs have connections too, but neither of these.
    (/"(?:reporter|bytes_sent|packets_sent)"\s*:/.test(head) || head.includes('%2Fvpc_flows"')),
  (lines) => jsonFile(lines, { arrays: new Set(['entries']) }, read),
);
