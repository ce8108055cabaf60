/**
 * THE field table: every documented VPC and transit-gateway flow-log field. Format strings, Glue columns, the DuckDB
 * reader, Insights parse prefixes and `docs/fields.md` derive from it; adding a field is adding a row.
 *
 * Sources: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html (VPC),
 * https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html (transit gateway),
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-limitations.html (permissions, limits).
 */

export type LogKind = 'vpc' | 'transit-gateway';
export type ParquetType = 'INT_32' | 'INT_64' | 'STRING';
export type AthenaType = 'int' | 'bigint' | 'string';

export interface Field {
  /** AWS's name, as in a header line: `pkt-srcaddr`. */
  readonly name: string;
  /** Column name in SQL: `pkt_srcaddr`. */
  readonly sqlName: string;
  /** Name in CloudWatch Logs Insights. Documented for the default format only; for the others it follows the same
   * camelCase pattern, which is an assumption (see docs/fields.md). */
  readonly insightsName: string;
  /** Flow-log version that introduced the field. */
  readonly since: number;
  /** Kinds of flow log that offer the field, in no particular order. */
  readonly logs: readonly LogKind[];
  /** In text objects every value is a string; this is what its text denotes. */
  readonly textType: 'integer' | 'string';
  readonly parquetType: ParquetType;
  readonly athenaType: AthenaType;
  /** When a record has `-` here, beyond "does not apply". */
  readonly dash: string;
  /** Permissions that the creator of the flow log needs beyond the ordinary ones. */
  readonly permissions: readonly string[];
  readonly meaning: string;
  readonly url: string;
}

const VPC_URL = 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html';
const TGW_URL = 'https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html';

const INSIGHTS_NAMES: Record<string, string> = {
  start: 'startTime',
  end: 'endTime',
  srcaddr: 'srcAddr',
  dstaddr: 'dstAddr',
  srcport: 'srcPort',
  dstport: 'dstPort',
  'pkt-srcaddr': 'pktSrcAddr',
  'pkt-dstaddr': 'pktDstAddr',
};

const ATHENA_TYPES: Record<ParquetType, AthenaType> = { INT_32: 'int', INT_64: 'bigint', STRING: 'string' };

const camelCase = (name: string) => name.replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase());

type Row = [since: number, name: string, type: ParquetType, meaning: string, dash?: string, permissions?: readonly string[]];

function field(logs: readonly LogKind[], [since, name, parquetType, meaning, dash = '', permissions = []]: Row): Field {
  return {
    name,
    sqlName: name.replaceAll('-', '_'),
    insightsName: INSIGHTS_NAMES[name] ?? camelCase(name),
    since,
    logs,
    textType: parquetType === 'STRING' ? 'string' : 'integer',
    parquetType,
    athenaType: ATHENA_TYPES[parquetType],
    dash,
    permissions,
    meaning,
    url: logs.includes('vpc') ? VPC_URL : TGW_URL,
  };
}

const NO_TRAFFIC = 'NODATA and SKIPDATA records';
const NOT_AWS = 'the address is in no range of an AWS service';
const NOT_ECS = 'traffic of no ECS task';
const TAG = 'the resource has no such tag; values are percent-encoded UTF-8 (`url_decode`)';
const HOP = 'the next hop is not owned by the account, has no network interface, or is in another Region';
const ECS_RIGHTS = (...more: string[]) => ['ecs:ListClusters', ...more];
const TAG_RIGHTS = ['ec2:DescribeTags', 'iam:CreateServiceLinkedRole'];
const ASG_RIGHTS = ['autoscaling:DescribeTags', 'iam:CreateServiceLinkedRole'];

const BOTH: Row[] = [
  [2, 'version', 'INT_32', 'Flow-log version: the highest version among the fields of the format (default format: 2).'],
  [
    2,
    'account-id',
    'STRING',
    'Account that owns the interface or gateway.',
    'never; `unknown` for some interfaces that an AWS service made',
  ],
  [2, 'srcaddr', 'STRING', 'Source address as the interface sees it; always the primary private address for the own side.', NO_TRAFFIC],
  [
    2,
    'dstaddr',
    'STRING',
    'Destination address as the interface sees it; always the primary private address for the own side.',
    NO_TRAFFIC,
  ],
  [2, 'srcport', 'INT_32', 'Source port.', NO_TRAFFIC],
  [2, 'dstport', 'INT_32', 'Destination port.', NO_TRAFFIC],
  [2, 'protocol', 'INT_32', 'IANA protocol number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6.', NO_TRAFFIC],
  [2, 'packets', 'INT_64', 'Packets in the flow during the aggregation interval.', NO_TRAFFIC],
  [
    2,
    'bytes',
    'INT_64',
    'Bytes in the flow during the aggregation interval.',
    `${NO_TRAFFIC}; records rejected by VPC Block Public Access`,
  ],
  [2, 'start', 'INT_64', 'Unix seconds of the first packet in the interval; up to 60 s off the wire time.'],
  [2, 'end', 'INT_64', 'Unix seconds of the last packet in the interval; up to 60 s off the wire time.'],
  [2, 'log-status', 'STRING', 'OK, NODATA (no traffic in the interval) or SKIPDATA (records were lost).'],
  [
    3,
    'tcp-flags',
    'INT_32',
    'TCP flags OR-ed over the interval: FIN 1, SYN 2, RST 4, SYN-ACK 18; ACK and PSH alone count 0.',
    'the combination of flags is invalid',
  ],
  [3, 'type', 'STRING', 'IPv4, IPv6 or EFA.', NO_TRAFFIC],
  [4, 'region', 'STRING', 'Region of the interface or gateway.'],
  [5, 'pkt-src-aws-service', 'STRING', 'AWS service whose address range holds the packet-level source, such as S3 or EC2.', NOT_AWS],
  [5, 'pkt-dst-aws-service', 'STRING', 'AWS service whose address range holds the packet-level destination.', NOT_AWS],
  [5, 'flow-direction', 'STRING', 'ingress or egress, seen from the interface.', NO_TRAFFIC],
];

const VPC_ONLY: Row[] = [
  [2, 'interface-id', 'STRING', 'Network interface that carried the traffic.', 'flows of a regional NAT gateway'],
  [2, 'action', 'STRING', 'ACCEPT or REJECT (security groups, network ACLs, or a packet after the connection closed).', NO_TRAFFIC],
  [3, 'vpc-id', 'STRING', 'VPC of the interface.'],
  [3, 'subnet-id', 'STRING', 'Subnet of the interface.', 'flows of a regional NAT gateway'],
  [
    3,
    'instance-id',
    'STRING',
    'Instance that the interface is attached to.',
    'interfaces managed by an AWS service; flows of a regional NAT gateway',
  ],
  [3, 'pkt-srcaddr', 'STRING', 'Source address in the packet: the original one behind NAT gateways and load balancers.', NO_TRAFFIC],
  [3, 'pkt-dstaddr', 'STRING', 'Destination address in the packet.', NO_TRAFFIC],
  [4, 'az-id', 'STRING', 'Availability Zone id of the interface.', 'traffic from a sublocation'],
  [4, 'sublocation-type', 'STRING', 'wavelength, outpost or localzone.', 'not in a sublocation'],
  [4, 'sublocation-id', 'STRING', 'Id of the sublocation.', 'not in a sublocation'],
  [
    5,
    'traffic-path',
    'INT_32',
    'Path of egress traffic: 1 same VPC, 2 internet gateway or gateway endpoint, 3 virtual private gateway, 4 peering in the Region, 5 peering across Regions, 6 local gateway, 7 gateway endpoint, 8 internet gateway.',
    'ingress traffic, or no path applies',
  ],
  [7, 'ecs-cluster-arn', 'STRING', 'ARN of the ECS cluster of the task.', NOT_ECS, ECS_RIGHTS()],
  [7, 'ecs-cluster-name', 'STRING', 'Name of the ECS cluster.', NOT_ECS, ECS_RIGHTS()],
  [
    7,
    'ecs-container-instance-arn',
    'STRING',
    'ARN of the container instance.',
    `${NOT_ECS}; Fargate`,
    ECS_RIGHTS('ecs:ListContainerInstances'),
  ],
  [
    7,
    'ecs-container-instance-id',
    'STRING',
    'Id of the container instance.',
    `${NOT_ECS}; Fargate`,
    ECS_RIGHTS('ecs:ListContainerInstances'),
  ],
  [7, 'ecs-container-id', 'STRING', 'Docker runtime id of the first container of the task.', NOT_ECS, ECS_RIGHTS()],
  [
    7,
    'ecs-second-container-id',
    'STRING',
    'Docker runtime id of the second container of the task.',
    `${NOT_ECS}; tasks of one container`,
    ECS_RIGHTS(),
  ],
  [
    7,
    'ecs-service-name',
    'STRING',
    'ECS service that started the task.',
    `${NOT_ECS}; a task that no service runs`,
    ECS_RIGHTS('ecs:ListServices'),
  ],
  [7, 'ecs-task-definition-arn', 'STRING', 'ARN of the task definition.', NOT_ECS, ECS_RIGHTS('ecs:ListTaskDefinitions')],
  [7, 'ecs-task-arn', 'STRING', 'ARN of the task.', NOT_ECS, ECS_RIGHTS('ecs:ListTasks')],
  [7, 'ecs-task-id', 'STRING', 'Id of the task.', NOT_ECS, ECS_RIGHTS('ecs:ListTasks')],
  [
    8,
    'reject-reason',
    'STRING',
    'Why a packet was rejected: BPA (Block Public Access) or EC (encryption control).',
    'any other reason, such as a security group or a network ACL',
  ],
  [9, 'resource-id', 'STRING', 'Id of the regional NAT gateway.', 'flows of no regional NAT gateway'],
  [
    10,
    'encryption-status',
    'INT_32',
    '0 not encrypted, 1 by Nitro, 2 by the application, 3 by both.',
    'encryption controls are off or the status is unknown',
  ],
  [11, 'instance-tag', 'STRING', 'Value of the first chosen tag of the instance.', TAG, TAG_RIGHTS],
  [11, 'instance-tag-2', 'STRING', 'Value of the second chosen tag of the instance.', TAG, TAG_RIGHTS],
  [11, 'interface-tag', 'STRING', 'Value of the first chosen tag of the interface.', TAG, TAG_RIGHTS],
  [11, 'interface-tag-2', 'STRING', 'Value of the second chosen tag of the interface.', TAG, TAG_RIGHTS],
  [11, 'asg-tag', 'STRING', 'Value of the first chosen tag of the Auto Scaling group (needs a CloudTrail trail).', TAG, ASG_RIGHTS],
  [11, 'asg-tag-2', 'STRING', 'Value of the second chosen tag of the Auto Scaling group.', TAG, ASG_RIGHTS],
  [
    11,
    'interface-type',
    'STRING',
    'nat_gateway, network_load_balancer, regional_nat_gateway, transit_gateway or vpc_endpoint.',
    'an interface of any other type',
  ],
  [11, 'next-hop-interface-id', 'STRING', 'Interface of the next hop.', HOP],
  [11, 'next-hop-subnet-id', 'STRING', 'Subnet of the next hop.', HOP],
  [
    11,
    'next-hop-az-id',
    'STRING',
    'Availability Zone id of the next hop.',
    'the next hop has no network interface, or is in another Region',
  ],
  [11, 'next-hop-vpc-id', 'STRING', 'VPC of the next hop.', HOP],
  [11, 'next-hop-interface-type', 'STRING', 'Type of the interface of the next hop.', HOP],
];

const TGW_ONLY: Row[] = [
  [6, 'resource-type', 'STRING', 'TransitGateway or TransitGatewayAttachment.'],
  [6, 'tgw-id', 'STRING', 'Transit gateway.'],
  [6, 'tgw-attachment-id', 'STRING', 'Transit-gateway attachment.'],
  [6, 'tgw-src-vpc-account-id', 'STRING', 'Account of the source VPC.'],
  [6, 'tgw-dst-vpc-account-id', 'STRING', 'Account of the destination VPC.'],
  [6, 'tgw-src-vpc-id', 'STRING', 'Source VPC.'],
  [6, 'tgw-dst-vpc-id', 'STRING', 'Destination VPC.'],
  [6, 'tgw-src-subnet-id', 'STRING', 'Subnet of the source attachment.'],
  [6, 'tgw-dst-subnet-id', 'STRING', 'Subnet of the destination attachment.'],
  [6, 'tgw-src-eni', 'STRING', 'Network interface of the source attachment.'],
  [6, 'tgw-dst-eni', 'STRING', 'Network interface of the destination attachment.'],
  [6, 'tgw-src-az-id', 'STRING', 'Availability Zone id of the source attachment.'],
  [6, 'tgw-dst-az-id', 'STRING', 'Availability Zone id of the destination attachment.'],
  [6, 'tgw-pair-attachment-id', 'STRING', 'The other attachment of the flow: egress for ingress and the reverse.'],
  [6, 'packets-lost-no-route', 'INT_64', 'Packets dropped for want of a route.', NO_TRAFFIC],
  [6, 'packets-lost-blackhole', 'INT_64', 'Packets dropped by a blackhole route.', NO_TRAFFIC],
  [6, 'packets-lost-mtu-exceeded', 'INT_64', 'Packets dropped because they exceed the MTU.', NO_TRAFFIC],
  [6, 'packets-lost-ttl-expired', 'INT_64', 'Packets dropped because their time to live ran out.', NO_TRAFFIC],
];

export const FIELDS: readonly Field[] = [
  ...BOTH.map((row) => field(['vpc', 'transit-gateway'], row)),
  ...VPC_ONLY.map((row) => field(['vpc'], row)),
  ...TGW_ONLY.map((row) => field(['transit-gateway'], row)),
];

/** Column names of all fields. */
export const SQL_NAMES: readonly string[] = FIELDS.map((f) => f.sqlName);

const BY_NAME = new Map(FIELDS.map((f) => [f.name, f]));
const BY_SQL_NAME = new Map(FIELDS.map((f) => [f.sqlName, f]));

/** The field of AWS's name (`pkt-srcaddr`), or undefined for a name that this table does not know. */
export const findField = (name: string): Field | undefined => BY_NAME.get(name);

const spellingKey = (name: string) => name.toLowerCase().replace(/[-_]/g, '');

const BY_SPELLING = new Map(FIELDS.flatMap((f) => [f.insightsName, f.name].map((name) => [spellingKey(name), f])));

/**
 * The field of a name in any spelling that AWS and its tools use: `pkt-srcaddr` in logs, `pkt_srcaddr` in tables, `pktSrcAddr` and
 * `startTime` in Logs Insights, in any case.
 */
export const recogniseField = (name: string): Field | undefined => BY_NAME.get(name) ?? BY_SPELLING.get(spellingKey(name));

/** The field of a SQL column name (`pkt_srcaddr`). */
export const findFieldBySqlName = (sqlName: string): Field | undefined => BY_SQL_NAME.get(sqlName);

/** The v2 default format of VPC flow logs, in AWS's fixed order. */
export const DEFAULT_VPC_FIELDS = [
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'log-status',
] as const;

/** The default format of transit-gateway flow logs: all fields of versions 2 to 6 in AWS's documented order. */
export const DEFAULT_TGW_FIELDS = [
  'version',
  'resource-type',
  'account-id',
  'tgw-id',
  'tgw-attachment-id',
  'tgw-src-vpc-account-id',
  'tgw-dst-vpc-account-id',
  'tgw-src-vpc-id',
  'tgw-dst-vpc-id',
  'tgw-src-subnet-id',
  'tgw-dst-subnet-id',
  'tgw-src-eni',
  'tgw-dst-eni',
  'tgw-src-az-id',
  'tgw-dst-az-id',
  'tgw-pair-attachment-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'log-status',
  'type',
  'packets-lost-no-route',
  'packets-lost-blackhole',
  'packets-lost-mtu-exceeded',
  'packets-lost-ttl-expired',
  'tcp-flags',
  'region',
  'flow-direction',
  'pkt-src-aws-service',
  'pkt-dst-aws-service',
] as const;
