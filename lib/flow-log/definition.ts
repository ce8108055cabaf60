/** What a flow-log definition may be, as rules without CDK: the constructs and the app's config share them. */
import { findField, type LogKind } from './fields';
import { type Format, formatKey } from './format';
import type { Layout } from './layout';

export interface ScopeKind {
  /** EC2's resource type. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html */
  readonly resourceType: string;
  readonly records: LogKind;
  readonly idPrefix: string;
  /** Only EC2's API makes it: the ResourceType of CloudFormation's `AWS::EC2::FlowLog` lacks it. @default false */
  readonly onlyApi?: true;
}

export const SCOPES = {
  vpc: { resourceType: 'VPC', records: 'vpc', idPrefix: 'vpc-' },
  subnet: { resourceType: 'Subnet', records: 'vpc', idPrefix: 'subnet-' },
  networkInterface: { resourceType: 'NetworkInterface', records: 'vpc', idPrefix: 'eni-' },
  regionalNatGateway: { resourceType: 'RegionalNatGateway', records: 'vpc', idPrefix: 'nat-' },
  transitGateway: { resourceType: 'TransitGateway', records: 'transit-gateway', idPrefix: 'tgw-' },
  transitGatewayAttachment: { resourceType: 'TransitGatewayAttachment', records: 'transit-gateway', idPrefix: 'tgw-attach-' },
  coreNetwork: { resourceType: 'CoreNetwork', records: 'transit-gateway', idPrefix: 'core-network-', onlyApi: true },
  coreNetworkAttachment: { resourceType: 'CoreNetworkAttachment', records: 'transit-gateway', idPrefix: 'attachment-', onlyApi: true },
  coreNetworkEdge: { resourceType: 'CoreNetworkEdge', records: 'transit-gateway', idPrefix: '', onlyApi: true },
} as const satisfies Readonly<Record<string, ScopeKind>>;

export type ScopeName = keyof typeof SCOPES;

export const scopeKind = (name: ScopeName): ScopeKind => SCOPES[name];

export const TRAFFIC = ['ALL', 'ACCEPT', 'REJECT'] as const;
export type Traffic = (typeof TRAFFIC)[number];

export type FileFormat = 'text' | 'parquet';

export interface TagFields {
  readonly resourceType: string;
  readonly tagKeys: readonly string[];
}

export interface DefinitionRules {
  readonly scope: ScopeName;
  readonly traffic: Traffic | undefined;
  readonly format: Format;
  readonly aggregationSeconds: number | undefined;
  readonly tagFields: readonly TagFields[];
}

const TAG_FIELD = /^(instance|interface|asg)-tag(-2)?$/;

/** Tag keys per resource type. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const MAX_TAG_KEYS = 2;

/** What AWS would refuse, or deliver empty: each with property, got, expected and how to fix it. */
export function definitionProblems({ scope, traffic, format, aggregationSeconds, tagFields }: DefinitionRules): string[] {
  const problems: string[] = [];
  const { records, resourceType } = SCOPES[scope];
  if (records === 'transit-gateway') {
    if (traffic !== undefined)
      problems.push(
        `traffic: got ${traffic}, but a flow log of a ${resourceType} has no traffic type: it records all traffic. Remove traffic`,
      );
    if (aggregationSeconds !== undefined && aggregationSeconds !== 60)
      problems.push(
        `aggregation: got ${aggregationSeconds} s, but a flow log of a ${resourceType} must have 60. Remove aggregation or set 60`,
      );
  }
  const strangers = format.names.filter((name) => findField(name)?.logs.includes(records) === false);
  if (strangers.length > 0) {
    const other = records === 'vpc' ? 'only transit-gateway flow logs have' : 'only VPC flow logs have';
    problems.push(
      `format: got ${strangers.join(', ')}, which ${other}. Expected fields of a ${resourceType}: see docs/fields.md, or use the format ${records === 'vpc' ? 'recommended' : 'transit-gateway'}`,
    );
  }
  const tagged = format.names.filter((name) => TAG_FIELD.test(name));
  if (tagged.length > 0 && tagFields.length === 0)
    problems.push(
      `tagFields: got none, but the format has ${tagged.join(', ')}. Name the tag keys: tagFields: [{ resourceType: instance, tagKeys: [team] }]`,
    );
  if (tagged.length === 0 && tagFields.length > 0)
    problems.push('tagFields: got tag keys, but the format has no tag field. Add instance-tag, interface-tag or asg-tag to the format');
  for (const { resourceType: type, tagKeys } of tagFields) {
    if (tagKeys.length === 0 || tagKeys.length > MAX_TAG_KEYS)
      problems.push(`tagFields: got ${tagKeys.length} tag keys for ${type}, expected 1 or ${MAX_TAG_KEYS}`);
  }
  return problems;
}

/** Default format per kind of record. */
export const defaultFormatName = (scope: ScopeName): 'recommended' | 'transit-gateway' =>
  SCOPES[scope].records === 'vpc' ? 'recommended' : 'transit-gateway';

/** FNV-1a, 32 bits: names differ, that is all it is for. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** What else makes AWS replace a flow log. Absent: what AWS does by default (all traffic, ten minutes, no tags). */
export interface Recording {
  readonly traffic?: Traffic | undefined;
  /** Of scopes that have a choice. */
  readonly aggregationSeconds?: number | undefined;
  readonly tagFields?: readonly TagFields[] | undefined;
}

/** Only what differs from AWS's defaults, so that a folder is what it was before these counted. */
const recordingKey = ({ traffic = 'ALL', aggregationSeconds = 600, tagFields = [] }: Recording): string[] => [
  ...(traffic === 'ALL' ? [] : [traffic]),
  ...(aggregationSeconds === 600 ? [] : [`${aggregationSeconds} s`]),
  ...tagFields.map(({ resourceType, tagKeys }) => [resourceType, ...tagKeys].join(' ')),
];

/**
 * The prefix below which a definition's objects lie. Whatever makes AWS replace the flow log makes another prefix: two column
 * orders under one silently corrupt a text table, and while the old flow log still writes, every record would count twice.
 */
export function definitionPrefix(id: string, format: Format, fileFormat: FileFormat, layout: Layout, recording: Recording = {}): string {
  const parts = [formatKey(format), fileFormat, layout.hive ? 'hive' : 'plain', layout.hourly ? 'hourly' : 'daily'];
  return `flow-logs/${id}/${fileFormat}-${shortHash([...parts, ...recordingKey(recording)].join('\n'))}`;
}
