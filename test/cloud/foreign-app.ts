/** Other clouds' logs, converted logs and the API, from the constructs that users deploy. Run by foreign.test.ts. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  AnalysisWorkgroup,
  FlowLogAnalytics,
  FlowLogScope,
  FlowLogTable,
  FlowRecordsView,
  IbmFlowLogs,
  SavedAnalyses,
} from '../../lib/constructs';
import { parseFormat } from '../../lib/flow-log/format';

if (require.main === module) {
  const app = new App();
  const env = { account: '000000000000', region: 'us-east-1' };
  const stack = new Stack(app, 'Foreign', { env, suppressTemplateIndentation: true });
  const analytics = new FlowLogAnalytics(stack, 'Analytics', {
    definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0123456789abcdef0') }],
    watch: false,
    api: { callsPerMinute: 1000, throttle: { rate: 100, burst: 200 } },
  });
  const database = analytics.database!;
  const bucket = Bucket.fromBucketName(stack, 'Other', 'other-clouds');
  const ibm = new IbmFlowLogs(stack, 'Ibm', { database, bucket, endpoints: [process.env['IBM_ENDPOINT'] ?? ''], since: '2020-07-01' });
  const workgroup = analytics.workgroup!;
  // Of its own: prepared statements are named by their question, and these ask another view.
  const ibmWorkgroup = new AnalysisWorkgroup(stack, 'IbmWorkgroup', { workGroupName: 'ibm' });
  // A template holds a megabyte: the questions of two views.
  const ibmQuestions = new Stack(app, 'ForeignIbm', { env });
  for (const [id, view] of [
    ['IbmFlat', ibm.flat],
    ['IbmRecords', ibm.records],
  ] as const)
    new SavedAnalyses(ibmQuestions, id, { view, workgroup: ibmWorkgroup });
  const converted = new FlowLogTable(stack, 'Converted', {
    database,
    tableName: 'converted',
    bucket,
    location: { prefix: 'converted', format: parseFormat('default'), fileFormat: 'text', layout: { hive: false, hourly: false } },
    accounts: ['123456789012', '000000000000'],
    since: '2020-07-01',
  });
  new FlowRecordsView(stack, 'ConvertedRecords', { database, viewName: 'converted_records', tables: [converted] });
  new CfnOutput(stack, 'Workgroup', { value: workgroup.workGroupName });
  new CfnOutput(stack, 'Database', { value: database.databaseName });
  new CfnOutput(stack, 'BucketName', { value: analytics.bucket!.bucket.bucketName });
  new CfnOutput(stack, 'ApiId', { value: analytics.api!.restApi.restApiId });
}
