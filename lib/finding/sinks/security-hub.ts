import { BatchImportFindingsCommand, type SecurityHubClient } from '@aws-sdk/client-securityhub';
import { toSecurityHub } from '../security-hub-format';
import type { Notification, Sink, TellContext } from '../sink';

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html: a hundred a call. */
const FINDINGS = 100;

/** Findings into AWS Security Hub of the same account and Region. */
export class SecurityHubSink implements Sink {
  readonly name = 'security-hub';
  constructor(
    private readonly client: SecurityHubClient,
    private readonly partition: string,
  ) {}

  async tell(notifications: readonly Notification[], { account, region }: TellContext): Promise<void> {
    const findings = notifications.map(({ finding }) => toSecurityHub(finding, { account, region, partition: this.partition }));
    for (let i = 0; i < findings.length; i += FINDINGS) {
      const answer = await this.client.send(new BatchImportFindingsCommand({ Findings: findings.slice(i, i + FINDINGS) as never }));
      if ((answer.FailedCount ?? 0) > 0) {
        const [failed] = answer.FailedFindings ?? [];
        throw new Error(`Security Hub rejected ${answer.FailedCount} findings: ${failed?.ErrorCode ?? ''} ${failed?.ErrorMessage ?? ''}`);
      }
    }
  }
}
