/**
 * Names by what `aws ec2 describe-…` printed: a thing is called by its tag Name, else by what its interface is attached to.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
 */
import { networkRange } from './address';
import type { Known } from './known';
import type { KnownRange } from './range-source';

type Json = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** What a snapshot of a network is put together from, by the keys of the commands' output. */
export const AWS_LISTS = [
  'NetworkInterfaces',
  'Reservations',
  'Subnets',
  'Vpcs',
  'NatGateways',
  'VpcEndpoints',
  'TransitGatewayAttachments',
] as const;
export type AwsList = (typeof AWS_LISTS)[number];
export type AwsLists = Readonly<Partial<Record<AwsList, readonly Json[]>>>;

/** The lists of one file; undefined for a file of something else. */
export function awsListsOf(value: unknown): AwsLists | undefined {
  const found = AWS_LISTS.filter((key) => Array.isArray(objectOf(value)[key]));
  return found.length === 0 ? undefined : Object.fromEntries(found.map((key) => [key, listOf(objectOf(value)[key])]));
}

/** A thing with its own name, which interfaces refer to by its id. */
interface Thing {
  readonly name: string | undefined;
  readonly workload: string | undefined;
}

/** Tags by which things that replace each other are known, the first that is there; set by AWS except for the last. */
const WORKLOAD_TAGS = ['aws:autoscaling:groupName', 'aws:ecs:serviceName', 'eks:nodegroup-name', 'eks:cluster-name', 'workload'];

function tagsOf(thing: Json): ReadonlyMap<string, string> {
  const tags = [...listOf(thing['Tags']), ...listOf(thing['TagSet'])];
  return new Map(tags.flatMap(({ Key: key, Value: value }) => (textOf(key) === undefined ? [] : [[String(key), textOf(value) ?? '']])));
}

function thingOf(value: Json): Thing {
  const tags = tagsOf(value);
  return {
    name: textOf(tags.get('Name')),
    workload: WORKLOAD_TAGS.map((tag) => textOf(tags.get(tag))).find((text) => text !== undefined),
  };
}

/** What a description of an interface says: services that make interfaces write what for. */
const DESCRIPTIONS: readonly { readonly pattern: RegExp; readonly kind: string; readonly name: (id: string) => string }[] = [
  { pattern: /^ELB (?:app|net|gwy)\/([^/]+)\//, kind: 'load-balancer', name: (id) => `ELB ${id}` },
  { pattern: /^ELB (.+)$/, kind: 'load-balancer', name: (id) => `ELB ${id}` },
  { pattern: /^Interface for NAT Gateway (nat-\w+)/, kind: 'nat-gateway', name: (id) => `NAT ${id}` },
  {
    pattern: /^AWS Lambda VPC ENI-(.+?)(?:-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$/,
    kind: 'function',
    name: (id) => `Lambda ${id}`,
  },
  { pattern: /^VPC Endpoint Interface (vpce-\w+)/, kind: 'endpoint', name: (id) => `endpoint ${id}` },
  { pattern: /^RDSNetworkInterface/, kind: 'database', name: () => 'RDS' },
  { pattern: /^RedshiftNetworkInterface/, kind: 'database', name: () => 'Redshift' },
  { pattern: /^ElastiCache (.+)$/, kind: 'database', name: (id) => `ElastiCache ${id}` },
  { pattern: /^EFS mount target for (fs-\w+)/, kind: 'other', name: (id) => `EFS ${id}` },
  {
    pattern: /^Network Interface for Transit Gateway Attachment (tgw-attach-\w+)/i,
    kind: 'transit-gateway',
    name: (id) => `transit gateway ${id}`,
  },
  { pattern: /^arn:aws[\w-]*:ecs:[^:]*:[^:]*:attachment\/([0-9a-f-]+)/, kind: 'container', name: (id) => `ECS ${id}` },
  { pattern: /^(?:aws-K8S|Amazon EKS)[- ](.+)$/, kind: 'container', name: (id) => `EKS ${id}` },
];

/** Kinds by the type of an interface; some types have two spellings. */
const TYPES: Readonly<Record<string, string>> = {
  nat_gateway: 'nat-gateway',
  natGateway: 'nat-gateway',
  lambda: 'function',
  load_balancer: 'load-balancer',
  network_load_balancer: 'load-balancer',
  gateway_load_balancer: 'load-balancer',
  gateway_load_balancer_endpoint: 'endpoint',
  vpc_endpoint: 'endpoint',
  transit_gateway: 'transit-gateway',
  branch: 'container',
  trunk: 'container',
};

/** By who made an interface, where neither its type nor its description says more. */
const REQUESTERS: Readonly<Record<string, string>> = {
  'amazon-elb': 'load-balancer',
  'amazon-elbv2': 'load-balancer',
  'amazon-rds': 'database',
  'amazon-redshift': 'database',
  'amazon-elasticache': 'database',
};

const NO_THING: Thing = { name: undefined, workload: undefined };

export function awsRanges(lists: AwsLists): KnownRange[] {
  const things = new Map<string, Thing>();
  const put = (key: AwsList, id: string) => {
    for (const one of lists[key] ?? []) things.set(String(one[id]), thingOf(one));
  };
  const instances = (lists.Reservations ?? []).flatMap(({ Instances }) => listOf(Instances));
  for (const one of instances) things.set(String(one['InstanceId']), thingOf(one));
  put('NatGateways', 'NatGatewayId');
  put('TransitGatewayAttachments', 'TransitGatewayAttachmentId');
  for (const one of lists.VpcEndpoints ?? []) {
    const { name, workload } = thingOf(one);
    const service = textOf(one['ServiceName']);
    things.set(String(one['VpcEndpointId']), { name: name ?? (service === undefined ? undefined : `endpoint ${service}`), workload });
  }
  const networks = (lists.Vpcs ?? []).flatMap((vpc) => networkRanges(vpc, 'VpcId', 'CidrBlockAssociationSet'));
  const subnets = (lists.Subnets ?? []).flatMap((subnet) => networkRanges(subnet, 'SubnetId', undefined));
  // Interfaces of instances as part of them, for people who have only that file; the later of equal ranges applies.
  const attached = instances.flatMap((instance) =>
    listOf(instance['NetworkInterfaces']).map((face) => ({ ...face, Attachment: { InstanceId: instance['InstanceId'] }, TagSet: [] })),
  );
  const gateways = (lists.NatGateways ?? []).flatMap(gatewayRanges);
  return [
    ...networks,
    ...subnets,
    ...gateways,
    ...[...attached, ...(lists.NetworkInterfaces ?? [])].flatMap((face) => faceRanges(face, things)),
  ];
}

/** What an address is called where nothing says more: the subnet, else the VPC. */
function networkRanges(network: Json, id: string, associations: string | undefined): KnownRange[] {
  const { name } = thingOf(network);
  const blocks = [
    network['CidrBlock'],
    ...(associations === undefined ? [] : listOf(network[associations]).map(({ CidrBlock }) => CidrBlock)),
    ...listOf(network['Ipv6CidrBlockAssociationSet']).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  ];
  return rangesOf(blocks, { name: name ?? textOf(network[id]) ?? null });
}

function gatewayRanges(gateway: Json): KnownRange[] {
  const { name, workload } = thingOf(gateway);
  const called = name ?? `NAT ${String(gateway['NatGatewayId'])}`;
  const addresses = listOf(gateway['NatGatewayAddresses']).flatMap(({ PrivateIp, PublicIp }) => [PrivateIp, PublicIp]);
  return rangesOf(addresses, { name: called, kind: 'nat-gateway', workload: workload ?? called });
}

function faceRanges(face: Json, things: ReadonlyMap<string, Thing>): KnownRange[] {
  const own = thingOf(face);
  const description = textOf(face['Description']) ?? '';
  const said = DESCRIPTIONS.map((one) => ({ ...one, match: one.pattern.exec(description) })).find(({ match }) => match !== null);
  const instance = textOf(objectOf(face['Attachment'])['InstanceId']);
  const id = said?.match?.[1] ?? '';
  const thing = things.get(instance ?? id) ?? NO_THING;
  const name = own.name ?? thing.name ?? said?.name(id) ?? instance ?? textOf(face['NetworkInterfaceId']);
  const kind =
    TYPES[textOf(face['InterfaceType']) ?? ''] ??
    said?.kind ??
    REQUESTERS[textOf(face['RequesterId']) ?? ''] ??
    (instance === undefined ? 'other' : 'instance');
  const addresses = [
    face['PrivateIpAddress'],
    objectOf(face['Association'])['PublicIp'],
    ...listOf(face['PrivateIpAddresses']).flatMap((one) => [one['PrivateIpAddress'], objectOf(one['Association'])['PublicIp']]),
    ...listOf(face['Ipv6Addresses']).map(({ Ipv6Address }) => Ipv6Address),
    ...listOf(face['Ipv4Prefixes']).map(({ Ipv4Prefix }) => Ipv4Prefix),
    ...listOf(face['Ipv6Prefixes']).map(({ Ipv6Prefix }) => Ipv6Prefix),
  ];
  return rangesOf(addresses, { name: name ?? null, kind, workload: thing.workload ?? own.workload ?? name ?? null });
}

function rangesOf(texts: readonly unknown[], known: Known): KnownRange[] {
  return [...new Set(texts)].flatMap((text) => {
    const range = networkRange(textOf(text) ?? '');
    return range === undefined ? [] : [{ ...range, known }];
  });
}
