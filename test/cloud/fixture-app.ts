/** Stacks of one view per set of fixture logs, from the same constructs that users deploy. Run by differential.test.ts. */
import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { AnalysisWorkgroup, FlowLogBucket, FlowLogDatabase, FlowLogTable, FlowRecordsView, type LogLocation } from '../../lib/constructs';

export interface FixtureSet {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly locations: readonly LogLocation[];
}

/** A template holds a megabyte and 500 resources. */
const SETS_PER_STACK = 60;

if (require.main === module) {
  const sets = JSON.parse(readFileSync(process.env['FIXTURE_SETS'] ?? '', 'utf8')) as FixtureSet[];
  const app = new App();
  const stack = new Stack(app, 'Fixtures');
  const { bucket } = new FlowLogBucket(stack, 'Bucket', { bucketName: 'fixtures' });
  const database = new FlowLogDatabase(stack, 'Database', { databaseName: 'fixtures' });
  new AnalysisWorkgroup(stack, 'Workgroup', { workGroupName: 'fixtures' });
  let home = stack;
  for (const [n, { id, account, region, locations }] of sets.entries()) {
    if (n % SETS_PER_STACK === 0) home = new Stack(app, `Fixtures${n / SETS_PER_STACK + 1}`, { suppressTemplateIndentation: true });
    const tables = locations.map(
      (location, i) =>
        new FlowLogTable(home, `Table-${id}-${i}`, {
          database,
          tableName: `${id}_${i}`,
          bucket,
          location,
          accounts: [account],
          regions: [region],
          since: '2026-10-01',
        }),
    );
    new FlowRecordsView(home, `View-${id}`, { database, viewName: id, tables });
  }
}
