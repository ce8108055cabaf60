/** A stack of one view per set of fixture logs, from the same constructs that users deploy. Run by differential.test.ts. */
import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { AnalysisWorkgroup, FlowLogBucket, FlowLogDatabase, FlowLogTable, FlowRecordsView, type LogLocation } from '../../lib/constructs';

export interface FixtureSet {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly locations: readonly LogLocation[];
}

if (require.main === module) {
  const sets = JSON.parse(readFileSync(process.env['FIXTURE_SETS'] ?? '', 'utf8')) as FixtureSet[];
  const app = new App();
  const stack = new Stack(app, 'Fixtures');
  const { bucket } = new FlowLogBucket(stack, 'Bucket', { bucketName: 'fixtures' });
  const database = new FlowLogDatabase(stack, 'Database', { databaseName: 'fixtures' });
  new AnalysisWorkgroup(stack, 'Workgroup', { workGroupName: 'fixtures' });
  for (const { id, account, region, locations } of sets) {
    const tables = locations.map(
      (location, i) =>
        new FlowLogTable(stack, `Table-${id}-${i}`, {
          database,
          tableName: `${id}_${i}`,
          bucket,
          location,
          accounts: [account],
          regions: [region],
          since: '2026-10-01',
        }),
    );
    new FlowRecordsView(stack, `View-${id}`, { database, viewName: id, tables });
  }
}
