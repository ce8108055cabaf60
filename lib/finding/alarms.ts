/** Every alarm that a stack makes; docs/runbook.md has a heading for each. */

export interface AlarmDefinition {
  readonly title: string;
  readonly meaning: string;
  readonly threshold: number;
  readonly comparison: 'at-least' | 'below';
  /** Periods in a row. */
  readonly periods: number;
  readonly missing: 'breaching' | 'not-breaching';
  /** A state, whose end is told too; the others are events. */
  readonly lasts: boolean;
}

const atLeast = (title: string, meaning: string, threshold: number, periods = 1): AlarmDefinition => ({
  title,
  meaning,
  threshold,
  comparison: 'at-least',
  periods,
  missing: 'not-breaching',
  lasts: false,
});

const lasting = (alarm: AlarmDefinition): AlarmDefinition => ({ ...alarm, lasts: true });

export const ALARMS = {
  'run-failed': atLeast('A run failed', 'A detection could not run: until it does, its silence means nothing.', 1),
  'run-late': {
    title: 'A detection has not run',
    meaning: 'No run succeeded within two of its intervals: its silence means nothing.',
    threshold: 1,
    comparison: 'below',
    periods: 2,
    missing: 'breaching',
    lasts: true,
  },
  'query-cancelled': atLeast(
    'A query was cancelled by the scan limit',
    'The workgroup cancelled the query of a run, which is billed all the same.',
    1,
  ),
  'run-truncated': atLeast(
    'A run gave more rows than it takes',
    'More than 10,000 rows: the rest was not judged. A threshold does not fit.',
    1,
  ),
  'dead-letters': lasting(
    atLeast('Runs wait to be repeated', 'Inputs of failed runs are in the dead-letter queue. Repeat them with flowlogs replay.', 1),
  ),
  'findings-suppressed': atLeast('Many findings are suppressed', 'More than 100 findings in a day were silenced by suppressions.', 100),
  'delivery-failed': lasting(atLeast('A flow log reports errors', 'DeliverLogsStatus is FAILED, or the flow log is gone.', 1, 2)),
  'delivery-stopped': {
    title: 'No records are delivered to S3',
    meaning: 'The newest object is older than two hours, or the check itself does not run.',
    threshold: 7200,
    comparison: 'at-least',
    periods: 2,
    missing: 'breaching',
    lasts: true,
  },
  'no-records': {
    title: 'No records arrive in the log group',
    meaning: 'Not one record within an hour; an interface in use writes some even when idle.',
    threshold: 1,
    comparison: 'below',
    periods: 1,
    missing: 'breaching',
    lasts: true,
  },
  'records-skipped': atLeast('Records were skipped', 'The service skipped records (SKIPDATA): counts of that hour are too low.', 1),
  rejections: atLeast('Unusually many rejected records', 'Above a floor and above the band that is expected at this time.', 500, 2),
  transfer: atLeast(
    'Unusually many bytes',
    'Accepted bytes above a floor and above the band that is expected at this time.',
    10_000_000_000,
    2,
  ),
  'rejections-by-interface': atLeast(
    'Many rejected records on one interface',
    'More rejected records within ten minutes than the threshold, named by interface.',
    1000,
  ),
} as const satisfies Record<string, AlarmDefinition>;

export type AlarmName = keyof typeof ALARMS;
