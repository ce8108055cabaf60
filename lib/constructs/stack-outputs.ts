import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { OUTPUTS } from '../finding/names';
import { consoleOf } from './console';
import type { FlowLogAnalytics } from './flow-log-analytics';

/** Outputs with the next commands, and those that `flowlogs --stack` reads. */
export function stackOutputs(stack: Stack, analytics: FlowLogAnalytics): void {
  const { workgroup, records, bucket, definitions } = analytics;
  const output = (name: string, value: string, description: string) => new CfnOutput(stack, name, { value, description });
  const console = consoleOf(stack);
  if (workgroup !== undefined) {
    output(OUTPUTS.workgroup, workgroup.workGroupName, 'Athena workgroup of the saved questions');
    output(
      'SavedQueriesUrl',
      `${console}/athena/home?region=${stack.region}#/query-editor/saved-queries`,
      `Saved questions in the Athena console: select the workgroup ${workgroup.workGroupName}`,
    );
  }
  if (records !== undefined) {
    output(OUTPUTS.records, records.qualifiedName, 'The view that every question reads');
    output(OUTPUTS.partitions, records.partitions.map(({ column }) => column).join(','), 'Its partition columns, for flowlogs');
    output(
      'NextStep',
      `flowlogs query top-rejected-sources --engine athena --stack ${stack.stackName} --from -24h`,
      'First query, about 15 minutes after the first record',
    );
  }
  if (bucket !== undefined) output(OUTPUTS.bucket, bucket.bucket.bucketName, 'Bucket of the flow logs; kept when the stack is deleted');
  const { scheduled, notifications, monitoring, lake, relations, api, dailyReport, deliveryCheck } = analytics;
  if (api !== undefined) output(OUTPUTS.api, api.url, 'DescribeFlowLog: flowlogs fetch --endpoint');
  const logOf = (name: string, task: LambdaFunction, what: string) =>
    output(name, task.logGroup.logGroupName, `Log of the function that ${what}`);
  if (lake !== undefined) {
    output(OUTPUTS.compactFunction, lake.function.functionName, 'Compacts hours: flowlogs compact --stack backfills older ones');
    output(OUTPUTS.lakeWorkgroup, lake.workGroupName, 'Athena workgroup that compaction runs in');
    logOf(OUTPUTS.compactLog, lake.function, 'compacts hours');
  }
  if (relations !== undefined) {
    output(OUTPUTS.relationsFunction, relations.function.functionName, 'Builds the relations that detections read');
    output(OUTPUTS.relationsWorkgroup, relations.workGroupName, 'Athena workgroup of the relations');
    logOf(OUTPUTS.relationsLog, relations.function, 'builds relations');
  }
  if (scheduled !== undefined) {
    const idle = [...scheduled.notScheduled.keys()];
    output(
      OUTPUTS.runFunction,
      scheduled.function.functionName,
      `Runs ${scheduled.runs.length} schedules${idle.length === 0 ? '' : `; not scheduled, since fields or values are missing: ${idle.join(', ')}`}`,
    );
    logOf(OUTPUTS.runLog, scheduled.function, 'runs detections');
    output(OUTPUTS.deadLetters, scheduled.deadLetterQueue.queueUrl, 'Inputs of failed runs: flowlogs replay --stack repeats them');
  }
  if (dailyReport !== undefined) {
    output(
      OUTPUTS.reportFunction,
      dailyReport.function.functionName,
      'Writes the report of a day: invoke it with {"day":"2026-11-20"} for an earlier one',
    );
    logOf(OUTPUTS.reportLog, dailyReport.function, 'writes daily reports');
    output('ReportsUrl', dailyReport.consoleUrl, 'Daily reports in the S3 console');
  }
  if (notifications !== undefined) output('FindingsTopicArn', notifications.topic.topicArn, 'Findings and alarms: subscribe here');
  if (notifications?.chatTopic !== undefined)
    output('ChatTopicArn', notifications.chatTopic.topicArn, 'For the chat configuration of Amazon Q Developer');
  if (deliveryCheck !== undefined) logOf(OUTPUTS.checkLog, deliveryCheck.function, 'checks deliveries');
  if (monitoring?.dashboard !== undefined)
    output(
      'DashboardUrl',
      `${console}/cloudwatch/home?region=${stack.region}#dashboards/dashboard/${monitoring.dashboard.dashboard.dashboardName}`,
      'Dashboard',
    );
  const groups = definitions.flatMap(({ logGroup, node }) => (logGroup === undefined ? [] : [{ logGroup, id: node.id }]));
  groups.forEach(({ logGroup, id }, i) => {
    const suffix = i === 0 ? '' : `${i + 1}`;
    output(`${OUTPUTS.logGroup}${suffix}`, logGroup.logGroupName, `Log group of ${id}`);
    output(
      `InsightsUrl${suffix}`,
      `${console}/cloudwatch/home?region=${stack.region}#logsV2:logs-insights`,
      `Saved questions in Logs Insights: folder ${stack.stackName}`,
    );
    output(
      `InsightsNextStep${suffix}`,
      `flowlogs query top-rejected-sources --engine insights --log-group ${logGroup.logGroupName} --from -1h`,
      'First query over the log group',
    );
  });
}
