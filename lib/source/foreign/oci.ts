/**
 * Oracle Cloud VCN flow logs: events as a connector writes them to Object Storage, or as `oci logging-search` prints them.
 * https://docs.oracle.com/iaas/Content/Logging/Reference/details_for_vcn_flow_logs.htm
 */
import { jsonFile, type JsonRead, startsLikeJson } from './json';
import { perFile } from './reader';
import { addressType, at, type Json, objectOf, textOf, Values } from './values';

const ACTIONS = { accept: 'ACCEPT', reject: 'REJECT' } as const;
const STATUSES = { ok: 'OK', nodata: 'NODATA', skipdata: 'SKIPDATA' } as const;

/** The event: as it is, or within what a search adds to it. */
function eventOf(value: unknown): Json {
  const found = objectOf(value);
  const inner = objectOf(found['data']);
  return objectOf(found['logContent'] ?? inner['logContent'] ?? found);
}

/** `phx` of `ocid1.vnic.oc1.phx.abyhq…`. */
const regionOf = (ocid: unknown): string | undefined =>
  typeof ocid === 'string' && ocid.startsWith('ocid1.') ? textOf(ocid.split('.')[3]) : undefined;

/** NODATA and SKIPDATA are in the status, or in the type of the event. */
const statusOf = (event: Json, values: Values): string => {
  const status = at(event, 'data', 'status');
  const type = /(?:no|skip)data$/i.exec(textOf(event['type']) ?? '')?.[0];
  return values.word('status', type ?? status, STATUSES) ?? 'OK';
};

const read: JsonRead = (lines, line, value, raw) => {
  const event = eventOf(value);
  const data = objectOf(event['data']);
  const type = textOf(event['type']) ?? '';
  if (!type.includes('vcn.flowlogs') && !('sourceAddress' in data))
    return lines.badLine(line, raw, 'not a VCN flow: expected type com.oraclecloud.vcn.flowlogs.… and data with sourceAddress');
  const values = new Values(lines, line);
  const oracle = objectOf(event['oracle']);
  const status = statusOf(event, values);
  const { sourceAddress, destinationAddress, protocol, packets, bytesOut, startTime, endTime, action } = data;
  if (status === 'OK') values.required({ sourceAddress, destinationAddress, protocol, packets, bytesOut, startTime, endTime, action });
  const port = (name: string) => values.count(name, data[name]) ?? (status === 'OK' ? 0 : undefined);
  lines.record(line, {
    version: 5,
    'account-id': textOf(oracle['tenantid']),
    'interface-id': textOf(oracle['vnicocid']),
    srcaddr: textOf(sourceAddress),
    dstaddr: textOf(destinationAddress),
    srcport: port('sourcePort'),
    dstport: port('destinationPort'),
    protocol: values.protocol('protocol', protocol),
    packets: values.count('packets', packets),
    bytes: values.count('bytesOut', bytesOut),
    start: values.seconds('startTime', startTime),
    end: values.seconds('endTime', endTime),
    action: values.word('action', action, ACTIONS),
    'log-status': status,
    'vpc-id': textOf(oracle['vcnOcid']) ?? textOf(oracle['vcnocid']),
    'subnet-id': textOf(oracle['vnicsubnetocid']),
    type: addressType(sourceAddress),
    region: regionOf(oracle['vnicocid']),
    flow_id: textOf(data['flowid']),
    compartment: textOf(oracle['vniccompartmentocid']) ?? textOf(oracle['compartmentid']),
  });
};

export const oci = perFile(
  (head) =>
    startsLikeJson(head) &&
    (head.includes('com.oraclecloud.vcn.flowlogs') ||
      (/"sourceAddress"\s*:/.test(head) && /"destinationAddress"\s*:/.test(head) && /"(?:bytesOut|flowid)"\s*:/.test(head))),
  (lines) => jsonFile(lines, { arrays: new Set(['results']) }, read),
);
