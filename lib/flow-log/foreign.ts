/**
 * The registry of other systems whose flow logs are read, with the columns that their records have. A new one is a row here,
 * its reader in `lib/source/foreign` and the reader's line in `lib/source/foreign/registry.ts`, which the compiler requires.
 */
import { type AthenaType, DEFAULT_VPC_FIELDS } from './fields';

type Row = readonly [name: string, type: AthenaType, meaning: string];

interface Definition {
  /** As people call it. */
  readonly title: string;
  /** AWS's fields that it can fill, in addition to those of the default format. */
  readonly aws: readonly string[];
  /** Columns that AWS's formats do not know. */
  readonly own: readonly Row[];
}

/** https://www.iana.org/assignments/icmp-parameters: recorded in the ports by other systems; AWS records port 0. */
const ICMP: readonly Row[] = [
  ['icmp_type', 'int', 'Type of the ICMP message.'],
  ['icmp_code', 'int', 'Code of the ICMP message.'],
];

/** Labelled captures say in such columns what a flow is. */
const LABELS: readonly Row[] = [
  ['label', 'string', 'Label of the flow, in labelled captures.'],
  ['detailed_label', 'string', 'Kind of attack, in labelled captures.'],
];

const DEFINITIONS = {
  ibm: {
    title: 'IBM Cloud',
    aws: ['vpc-id', 'subnet-id', 'instance-id', 'type', 'region', 'flow-direction'],
    own: [
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
    ],
  },
  jcs: {
    title: 'JCS',
    aws: ['type', 'flow-direction'],
    own: [
      ['sg_rule_uuid', 'string', 'Security-group rule that passed or dropped the flow.'],
      ['nw_ace_uuid', 'string', 'Network ACL entry; documented as currently not valid.'],
      ['sourcevn', 'string', 'Virtual network of the source.'],
      ['destvn', 'string', 'Virtual network of the destination.'],
      ['uuid_key', 'string', 'Id of the flow: the same in every response.'],
      ['underlay_proto', 'int', 'Outer protocol of the tunnel; 1 is IPv4.'],
      ['underlay_source_port', 'int', 'Source port of the tunnel; 0 for IPv4 tunnels.'],
    ],
  },
  skydive: {
    title: 'Skydive',
    aws: ['tcp-flags', 'type'],
    own: [
      ['flow_uuid', 'string', 'Id of the flow at its capture point.'],
      ['tracking_id', 'string', 'Id of the flow, the same at every capture point.'],
      ['layers_path', 'string', 'Protocol layers, such as Ethernet/IPv4/TCP.'],
      ['application', 'string', 'Last layer that was recognised.'],
    ],
  },
  'security-lake': {
    title: 'Amazon Security Lake',
    aws: [
      ...['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr', 'region', 'az-id'],
      ...['sublocation-type', 'sublocation-id', 'pkt-src-aws-service', 'pkt-dst-aws-service', 'flow-direction', 'traffic-path'],
      ...['ecs-cluster-arn', 'ecs-cluster-name', 'ecs-container-instance-arn', 'ecs-container-instance-id', 'ecs-container-id'],
      ...['ecs-second-container-id', 'ecs-service-name', 'ecs-task-definition-arn', 'ecs-task-arn', 'ecs-task-id', 'reject-reason'],
    ],
    own: [
      ['disposition', 'string', 'Action as named in the event: Allowed, Blocked.'],
      ['activity_name', 'string', 'Activity as named in the event: Traffic, Refuse, Open, Close.'],
    ],
  },
  gcp: {
    title: 'Google Cloud',
    aws: ['vpc-id', 'subnet-id', 'instance-id', 'type', 'region', 'az-id', 'flow-direction'],
    own: [
      ['reporter', 'string', 'The side that reported the flow: SRC, DEST, SRC_GATEWAY or DEST_GATEWAY.'],
      ['rtt_msec', 'bigint', 'Round-trip time in milliseconds, TCP only.'],
      ['src_vm', 'string', 'Virtual machine of the source.'],
      ['dest_vm', 'string', 'Virtual machine of the destination.'],
      ['src_network', 'string', 'VPC of the source.'],
      ['dest_network', 'string', 'VPC of the destination.'],
      ['src_country', 'string', 'Country of an external source, ISO 3166-1 alpha-3.'],
      ['dest_country', 'string', 'Country of an external destination, ISO 3166-1 alpha-3.'],
      ['src_google_service', 'string', 'Google service of the source.'],
      ['dest_google_service', 'string', 'Google service of the destination.'],
    ],
  },
  azure: {
    title: 'Azure',
    aws: ['vpc-id', 'subnet-id', 'type', 'region', 'flow-direction'],
    own: [
      ['acl_rule', 'string', 'Rule that allowed or denied the traffic.'],
      ['acl_id', 'string', 'Network security group or manager whose rule it is.'],
      ['flow_state', 'string', 'B (begin), C (continuing), E (end) or D (denied); none in version 1.'],
      ['flow_encryption', 'string', 'State of encryption: X, NX, NX_HW_NOT_SUPPORTED and so on; virtual network flow logs only.'],
      ['target_resource', 'string', 'Resource of the flow log.'],
    ],
  },
  oci: {
    title: 'Oracle Cloud',
    aws: ['vpc-id', 'subnet-id', 'type', 'region'],
    own: [
      ['flow_id', 'string', "Oracle's hash of the flow's addresses, ports and protocol."],
      ['compartment', 'string', 'OCID of the compartment of the interface.'],
    ],
  },
  alibaba: {
    title: 'Alibaba Cloud',
    aws: ['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'region', 'flow-direction'],
    own: [
      ['sampling_path', 'string', "Alibaba's traffic_path: all, ipv4Gateway, natGateway and so on."],
      ['srctype', 'string', 'Network of the source, if inter-domain analysis is on.'],
      ['dsttype', 'string', 'Network of the destination, if inter-domain analysis is on.'],
    ],
  },
  zeek: {
    title: 'Zeek',
    aws: ['tcp-flags', 'type', 'flow-direction'],
    own: [
      ['conn_uid', 'string', "Zeek's id of the connection, the same in all its logs."],
      ['conn_service', 'string', 'Application protocol that Zeek recognised.'],
      ['conn_state', 'string', 'State of the connection: S0, S1, SF, REJ and so on.'],
      ['conn_history', 'string', 'History of both sides, one letter per event.'],
      ['missed_bytes', 'bigint', 'Bytes that the sensor missed.'],
      ...ICMP,
      ...LABELS,
    ],
  },
  nfdump: {
    title: 'nfdump',
    aws: ['tcp-flags', 'type', 'flow-direction'],
    own: [
      ['exporter', 'string', 'Router that exported the flow, or its id.'],
      ['forwarding_status', 'int', 'RFC 7270: 64 to 127 forwarded, 128 to 191 dropped.'],
      ['src_as', 'bigint', 'Autonomous system of the source.'],
      ['dst_as', 'bigint', 'Autonomous system of the destination.'],
      ['src_tos', 'int', 'Type of service of the source.'],
      ...ICMP,
      ...LABELS,
    ],
  },
} as const satisfies Record<string, Definition>;

/** Other systems whose flow logs are read. */
export type ForeignSource = keyof typeof DEFINITIONS;
export const FOREIGN_SOURCES = Object.keys(DEFINITIONS) as ForeignSource[];

export const foreignTitle = (source: ForeignSource): string => DEFINITIONS[source].title;

interface ForeignField {
  readonly name: string;
  readonly athenaType: AthenaType;
  readonly meaning: string;
}

const own = (source: ForeignSource): ForeignField[] =>
  (DEFINITIONS[source] as Definition).own.map(([name, athenaType, meaning]) => ({ name, athenaType, meaning }));

/** All of them, a column that several sources have once for each. */
export const FOREIGN_FIELDS: readonly ForeignField[] = FOREIGN_SOURCES.flatMap(own);

const BY_NAME = new Map(FOREIGN_FIELDS.map((field) => [field.name, field]));

export const findForeignField = (name: string): ForeignField | undefined => BY_NAME.get(name);

/** Columns of the records of each source, in order: AWS's fields that it can fill, then its own. */
export const FOREIGN_NAMES = Object.fromEntries(
  FOREIGN_SOURCES.map((source) => [source, [...DEFAULT_VPC_FIELDS, ...DEFINITIONS[source].aws, ...own(source).map(({ name }) => name)]]),
) as unknown as Readonly<Record<ForeignSource, readonly string[]>>;
