/**
 * Columns that only other clouds' flow logs have. They stand beside AWS's fields in the records of those sources; AWS's
 * own formats know none of them.
 */
import { type AthenaType, DEFAULT_VPC_FIELDS } from './fields';

/** Systems whose flow logs are read beside AWS's. */
export const FOREIGN_SOURCES = ['ibm', 'jcs', 'skydive'] as const;
export type ForeignSource = (typeof FOREIGN_SOURCES)[number];

export interface ForeignField {
  readonly name: string;
  readonly source: ForeignSource;
  readonly athenaType: AthenaType;
  readonly meaning: string;
}

type Row = readonly [name: string, type: AthenaType, meaning: string];

const of = (source: ForeignSource, rows: readonly Row[]): ForeignField[] =>
  rows.map(([name, athenaType, meaning]) => ({ name, source, athenaType, meaning }));

const IBM = of('ibm', [
  ['initiator_ip', 'string', 'Source address of the first packet of the connection.'],
  ['was_initiated', 'string', 'true if the connection began in this window.'],
  ['was_terminated', 'string', 'true if the connection ended in this window.'],
  ['connection_start', 'bigint', 'Unix seconds of the first byte of the connection.'],
  ['cumulative_packets', 'bigint', "Packets of the record's direction since the connection began."],
  ['cumulative_bytes', 'bigint', "Bytes of the record's direction since the connection began."],
  ['collector_crn', 'string', 'CRN of the flow log collector.'],
  ['instance_crn', 'string', 'CRN of the instance of the interface.'],
  ['vpc_crn', 'string', 'CRN of the VPC.'],
  ['record_type', 'string', 'all, ingress or egress: what the stream of objects holds.'],
]);

const JCS = of('jcs', [
  ['sg_rule_uuid', 'string', 'Security-group rule that passed or dropped the flow.'],
  ['nw_ace_uuid', 'string', 'Network ACL entry; the service documents it as not valid now.'],
  ['sourcevn', 'string', 'Virtual network of the source.'],
  ['destvn', 'string', 'Virtual network of the destination.'],
  ['uuid_key', 'string', 'Id of the flow: the same in every answer that holds it.'],
  ['underlay_proto', 'int', 'Outer protocol of the tunnel; 1 is IPv4.'],
  ['underlay_source_port', 'int', 'Source port of the tunnel; 0 for IPv4 tunnels.'],
]);

const SKYDIVE = of('skydive', [
  ['flow_uuid', 'string', 'Id of the flow at its capture point.'],
  ['tracking_id', 'string', 'Id of the flow, the same at every capture point.'],
  ['layers_path', 'string', 'Protocol layers, such as Ethernet/IPv4/TCP.'],
  ['application', 'string', 'Last layer that was recognised.'],
]);

export const FOREIGN_FIELDS: readonly ForeignField[] = [...IBM, ...JCS, ...SKYDIVE];

const BY_NAME = new Map(FOREIGN_FIELDS.map((field) => [field.name, field]));

export const findForeignField = (name: string): ForeignField | undefined => BY_NAME.get(name);

/** Columns of the records of each source, in order: AWS's fields that it can fill, then its own. */
export const FOREIGN_NAMES: Readonly<Record<ForeignSource, readonly string[]>> = {
  ibm: [...DEFAULT_VPC_FIELDS, 'vpc-id', 'subnet-id', 'instance-id', 'type', 'region', 'flow-direction', ...IBM.map(({ name }) => name)],
  jcs: [...DEFAULT_VPC_FIELDS, 'type', 'flow-direction', ...JCS.map(({ name }) => name)],
  skydive: [...DEFAULT_VPC_FIELDS, 'tcp-flags', 'type', ...SKYDIVE.map(({ name }) => name)],
};
