import type { Severity } from '../analysis/severity';
import type { Finding } from './finding';

export interface SecurityHubContext {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

const LABELS: Record<Severity, string> = { info: 'INFORMATIONAL', low: 'LOW', medium: 'MEDIUM', high: 'HIGH', critical: 'CRITICAL' };
const ESCAPED = 1024;

/**
 * The finding in the AWS Security Finding Format, as the account's own default product.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
 */
export function toSecurityHub(finding: Finding, { account, region, partition }: SecurityHubContext) {
  const resource = finding.evidence['interface_id'] ?? (finding.evidence['actor_type'] === 'interface' ? finding.evidence['actor'] : null);
  return {
    SchemaVersion: '2018-10-08',
    Id: finding.id,
    ProductArn: `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`,
    GeneratorId: `flow-log-analytics/${finding.detection}`,
    AwsAccountId: account,
    Types: ['TTPs'],
    CreatedAt: finding.time,
    UpdatedAt: finding.until,
    FirstObservedAt: finding.time,
    LastObservedAt: finding.lastTime,
    Severity: { Label: LABELS[finding.severity] },
    Title: finding.title.slice(0, 256),
    Description: `${finding.title}. Key ${finding.key}`.slice(0, ESCAPED),
    ProductFields: Object.fromEntries(
      Object.entries(finding.evidence).map(([name, value]) => [`flowlogs/${name}`, String(value).slice(0, ESCAPED)]),
    ),
    Resources: [
      typeof resource === 'string'
        ? {
            Type: 'AwsEc2NetworkInterface',
            Id: `arn:${partition}:ec2:${region}:${account}:network-interface/${resource}`,
            Partition: partition,
            Region: region,
          }
        : { Type: 'Other', Id: finding.key.slice(0, 512), Partition: partition, Region: region },
    ],
    RecordState: 'ACTIVE',
    Workflow: { Status: 'NEW' },
  };
}
