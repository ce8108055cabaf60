/** A minimal stack with a role that may ask and one that may not. Run by iam.test.ts on the emulator that enforces IAM. */
import { App, CfnOutput, CliCredentialsStackSynthesizer, Duration, type IStackSynthesizer, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { FlowLogAnalytics, FlowLogScope } from '../../lib/constructs';

const app = new App();
// The emulator refuses plain http to buckets that demand TLS, for everyone but the deploying user: no bootstrap roles here.
const stack = new Stack(app, 'Permissions', { synthesizer: new CliCredentialsStackSynthesizer() as IStackSynthesizer });
const analytics = new FlowLogAnalytics(stack, 'Analytics', {
  definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0ccc') }],
  workgroup: { resultsBucket: true },
  lake: { expireRawAfter: Duration.days(7) },
  api: {},
  watch: { dailyReport: {} },
});
const analyst = new Role(stack, 'Analyst', { assumedBy: new AccountRootPrincipal() });
const stranger = new Role(stack, 'Stranger', { assumedBy: new AccountRootPrincipal() });
analytics.grantRunQueries(analyst);
new CfnOutput(stack, 'AnalystRole', { value: analyst.roleArn });
new CfnOutput(stack, 'StrangerRole', { value: stranger.roleArn });
new CfnOutput(stack, 'Bucket', { value: analytics.bucket!.bucket.bucketName });
new CfnOutput(stack, 'Results', { value: analytics.workgroup!.resultsBucket!.bucketName });
const lake = analytics.lake!;
new CfnOutput(stack, 'CompactRole', { value: lake.function.role!.roleArn });
new CfnOutput(stack, 'Ledger', { value: lake.ledger.tableArn });
new CfnOutput(stack, 'LakeBucket', { value: analytics.records!.lake!.bucket.bucketName });
new CfnOutput(stack, 'ApiRole', { value: analytics.api!.function.role!.roleArn });
const relations = analytics.relations!;
new CfnOutput(stack, 'RelationsRole', { value: relations.function.role!.roleArn });
new CfnOutput(stack, 'RelationsLedger', { value: relations.ledger.tableArn });
new CfnOutput(stack, 'RelationsBucket', { value: (analytics.node.findChild('RelationsBucket') as unknown as IBucket).bucketName });
const scheduled = analytics.scheduled!;
new CfnOutput(stack, 'RunFunction', { value: scheduled.function.functionName });
new CfnOutput(stack, 'RunRole', { value: scheduled.function.role!.roleArn });
new CfnOutput(stack, 'Table', { value: scheduled.table.tableArn });
new CfnOutput(stack, 'DeadLetters', { value: scheduled.deadLetterQueue.queueArn });
new CfnOutput(stack, 'ReportRole', { value: analytics.dailyReport!.function.role!.roleArn });
new CfnOutput(stack, 'Reports', { value: analytics.dailyReport!.bucket.bucketName });
new CfnOutput(stack, 'Topic', { value: analytics.notifications!.topic.topicArn });
