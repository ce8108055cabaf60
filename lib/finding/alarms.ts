/** Every alarm of a stack, with its section in docs/runbook.md. */
import { OUTPUTS } from './names';

export interface AlarmDefinition {
  readonly title: string;
  readonly meaning: string;
  /** Three steps with commands. */
  readonly checks: readonly [string, string, string];
  readonly tune: string;
  readonly threshold: number;
  readonly comparison: 'at-least' | 'below';
  /** Periods in a row. */
  readonly periods: number;
  readonly missing: 'breaching' | 'not-breaching';
  /** A state, whose end is reported too; the others are events. */
  readonly lasts: boolean;
}

const event = { comparison: 'at-least', periods: 1, missing: 'not-breaching', lasts: false } as const;
const LOG = `\`aws logs tail ${OUTPUTS.runLog} --since 1h --filter-pattern "run failed"\``;
const queriesOf = (workgroup: string) =>
  `\`aws athena list-query-executions --work-group ${workgroup}\`, and \`get-query-execution\` of the latest`;
const REPLAY =
  'Once the cause is fixed: `flowlogs replay --stack STACK`. A repeated run evaluates its original time range and reports no finding twice.';

export const ALARMS = {
  'run-failed': {
    ...event,
    title: 'A run failed',
    meaning:
      'A detection could not run. Until it does, no findings does not mean no attacks. The input is retried twice, then moved to the dead-letter queue.',
    checks: [`What went wrong: ${LOG}.`, `Was it Athena: ${queriesOf(OUTPUTS.workgroup)}.`, REPLAY],
    tune: 'A single throttled run whose retry succeeded needs no alarm: threshold: 3.',
    threshold: 1,
  },
  'run-late': {
    title: 'A detection has not run',
    meaning: 'No run succeeded within two intervals of the detection. Until one does, no findings does not mean no attacks.',
    checks: [
      'Does the schedule exist, and is it enabled: `aws scheduler list-schedules`.',
      `Did its runs fail: ${LOG}.`,
      `Is the function throttled or deleted: \`aws lambda get-function --function-name ${OUTPUTS.runFunction}\`.`,
    ],
    tune: 'Exclude the detection (watch.exclude) if it must not run; this removes the alarm too.',
    threshold: 1,
    comparison: 'below',
    periods: 2,
    missing: 'breaching',
    lasts: true,
  },
  'query-cancelled': {
    ...event,
    title: 'A query was cancelled by the scan limit',
    meaning: 'The workgroup cancelled the query of a run. The scanned bytes are still billed. The run is not retried.',
    checks: [
      'Which one, and how much: `flowlogs replay --stack STACK --dry-run` names the runs.',
      'Did the logs grow: see "Bytes scanned by schedule" on the dashboard.',
      'Raise workgroup.scanLimitGiB, or narrow the schedule (scope), deploy, then `flowlogs replay --stack STACK`.',
    ],
    tune: 'The limit is workgroup.scanLimitGiB; leave the alarm enabled.',
    threshold: 1,
  },
  'run-truncated': {
    ...event,
    title: 'A run returned too many rows',
    meaning: 'The query returned more than 10,000 rows, and the rest was not evaluated. A threshold does not fit this network.',
    checks: [
      `Which one: ${LOG.replace('run failed', 'more rows than a run takes')}.`,
      'What do they have in common: `flowlogs detect --engine athena --stack STACK --only DETECTION --from -6h`.',
      'Raise the parameter that the runbook of the detection names, deploy, and check the next run.',
    ],
    tune: 'For thresholds by part of the network, use profiles.',
    threshold: 1,
  },
  'dead-letters': {
    ...event,
    title: 'Failed runs wait for a replay',
    meaning: 'Inputs of failed runs are in the dead-letter queue, which keeps them for fourteen days.',
    checks: ['Which, and why: `flowlogs replay --stack STACK --dry-run`.', `What went wrong: ${LOG}.`, REPLAY],
    tune: 'The alarm ends when the queue is empty; leave it enabled.',
    threshold: 1,
    lasts: true,
  },
  'findings-suppressed': {
    ...event,
    title: 'Many findings are suppressed',
    meaning:
      'More findings than the threshold were suppressed in a day: a suppression is wider than intended, or the traffic that it hides has grown.',
    checks: [
      `Which suppression: ${LOG.replace('run failed', 'suppressed')} names it with each finding.`,
      'What would be reported without it: `flowlogs detect --engine athena --stack STACK --from -1d`.',
      'Narrow or end the suppression in its YAML file, deploy.',
    ],
    tune: 'watch.alarms.findings-suppressed: { threshold: N }.',
    threshold: 100,
  },
  'delivery-failed': {
    ...event,
    title: 'A flow log reports errors',
    meaning: 'DeliverLogsStatus is FAILED (access error, rate limited), or the flow log was deleted.',
    checks: [
      'Which and why: `aws ec2 describe-flow-logs --query "FlowLogs[].[FlowLogId,FlowLogStatus,DeliverLogsStatus,DeliverLogsErrorMessage]"`.',
      "Access error: the bucket's policy and its key's policy, or the role of the log group: docs/deploy.md lists what they need.",
      'Deleted: `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=DeleteFlowLogs`.',
    ],
    tune: 'It fires after two failed checks in a row, half an hour.',
    threshold: 1,
    periods: 2,
    lasts: true,
  },
  'delivery-stopped': {
    title: 'No records are delivered to S3',
    meaning: 'The newest object is older than two hours, or the check itself does not run.',
    checks: [
      `What is the newest: \`aws s3 ls s3://${OUTPUTS.bucket}/ --recursive | sort | tail -1\`.`,
      'What do the flow logs say: `aws ec2 describe-flow-logs`.',
      `Does the check run: \`aws logs tail ${OUTPUTS.checkLog} --since 1h\`.`,
    ],
    tune: 'A network that is idle at night still writes NODATA records; a scope without interfaces does not. threshold is in seconds.',
    threshold: 7200,
    comparison: 'at-least',
    periods: 2,
    missing: 'breaching',
    lasts: true,
  },
  'lake-failed': {
    ...event,
    title: 'An hour could not be compacted',
    meaning: 'Questions read the raw objects of that hour instead; they are slower, but correct.',
    checks: [
      `Which, and why: \`aws logs tail ${OUTPUTS.compactLog} --since 3h --filter-pattern "hour failed"\`.`,
      `Does its query run: ${queriesOf(OUTPUTS.lakeWorkgroup)}.`,
      'Try it again: `flowlogs compact --stack STACK --from HOUR --to HOUR`.',
    ],
    tune: 'The next run repeats a throttled hour, so only several periods in a row matter.',
    threshold: 1,
    periods: 3,
  },
  'lake-behind': {
    title: 'The lake lags behind',
    meaning: 'Hours wait for compaction: questions over recent days read raw objects and cost more.',
    checks: [
      `Does it run: \`aws logs tail ${OUTPUTS.compactLog} --since 3h\`.`,
      'Does an hour fail each time: the alarm lake-failed, and its log.',
      'Catch up: `flowlogs compact --stack STACK`.',
    ],
    tune: 'threshold is in hours. A first backfill lags by design.',
    threshold: 6,
    comparison: 'at-least',
    periods: 3,
    missing: 'breaching',
    lasts: true,
  },
  'lake-differs': {
    ...event,
    title: 'The lake and the raw objects differ',
    meaning: 'Records or bytes of an hour are not the same in both: answers over that hour may be wrong.',
    checks: [
      'Which hours, and by how much: `flowlogs verify-lake --stack STACK`.',
      'Write them again: `flowlogs compact --stack STACK --from HOUR --to HOUR`.',
      'Do they still differ: keep the raw objects (no expiry), and report it.',
    ],
    tune: 'Leave it enabled.',
    threshold: 1,
    lasts: true,
  },
  'relations-failed': {
    ...event,
    title: 'Relations of an hour could not be built',
    meaning: 'Detections that read them wait; the next run retries.',
    checks: [
      `Which, and why: \`aws logs tail ${OUTPUTS.relationsLog} --since 3h --filter-pattern "hour failed"\`.`,
      `Does its query run: ${queriesOf(OUTPUTS.relationsWorkgroup)}.`,
      `Try it again: \`aws lambda invoke --function-name ${OUTPUTS.relationsFunction} --payload '{"hours":["2026/11/20/05"]}' --cli-binary-format raw-in-base64-out out.json\`.`,
    ],
    tune: 'The next run repeats a throttled hour, so only several periods in a row matter.',
    threshold: 1,
    periods: 3,
  },
  'relations-behind': {
    title: 'Detections get no new data',
    meaning: 'The relations that detections read have not been built for half an hour: findings are delayed.',
    checks: [
      `Does it run: \`aws logs tail ${OUTPUTS.relationsLog} --since 3h\`.`,
      'Does an hour fail each time: the alarm relations-failed, and its log.',
      `Catch up: \`aws lambda invoke --function-name ${OUTPUTS.relationsFunction} out.json\`, again until it answers \`"rest":0\`.`,
    ],
    tune: 'After a deployment the function builds two weeks, newest first, and is up to date after its first run.',
    threshold: 1,
    comparison: 'below',
    periods: 2,
    missing: 'breaching',
    lasts: true,
  },
  'report-failed': {
    ...event,
    title: 'A daily report was not written',
    meaning: 'There is no report of the previous day, and its summary was not sent. Findings are still reported.',
    checks: [
      `What went wrong: \`aws logs tail ${OUTPUTS.reportLog} --since 3h\`.`,
      `Does its query run: ${queriesOf(OUTPUTS.workgroup)}.`,
      `Write it again: \`aws lambda invoke --function-name ${OUTPUTS.reportFunction} --payload '{"day":"2026-11-20"}' --cli-binary-format raw-in-base64-out out.json\`.`,
    ],
    tune: 'Leave it enabled: it fires at most once a day.',
    threshold: 1,
  },
  'no-records': {
    title: 'No records arrive in the log group',
    meaning: 'No record arrived within an hour. An interface in use writes records even when idle.',
    checks: [
      `What is the newest: \`aws logs describe-log-streams --log-group-name ${OUTPUTS.logGroup} --order-by LastEventTime --descending --max-items 1\`.`,
      'What do the flow logs say: `aws ec2 describe-flow-logs`.',
      "Can it still write: the role's policy (logs:CreateLogStream, logs:PutLogEvents on the group).",
    ],
    tune: 'Disable it for a log group whose scope may have no interfaces.',
    threshold: 1,
    comparison: 'below',
    periods: 1,
    missing: 'breaching',
    lasts: true,
  },
  'records-skipped': {
    ...event,
    title: 'Records were skipped',
    meaning: 'The service skipped records (SKIPDATA): counts of that hour are too low, and a detection may have missed something.',
    checks: [
      `Where and how many: \`flowlogs query skipdata-by-hour --engine insights --log-group ${OUTPUTS.logGroup} --from -1d\`.`,
      'Is it one interface: `flowlogs detect --engine athena --stack STACK --only logging-gap --from -1d`.',
      'AWS names capacity as the cause. No action is possible; take the gap into account.',
    ],
    tune: 'A few an hour are common on large networks: threshold: 100.',
    threshold: 1,
  },
  rejections: {
    ...event,
    title: 'Unusually many rejected records',
    meaning:
      'In the log group, as records arrive, rejected records are above a floor and above the band that CloudWatch expects at this time.',
    checks: [
      `Who and where: \`flowlogs query top-rejected-sources --engine insights --log-group ${OUTPUTS.logGroup} --from -1h\`, and \`rejected-by-port\`.`,
      `Is it one interface: \`flowlogs query rejected-by-interface --engine insights --log-group ${OUTPUTS.logGroup} --from -1h\`.`,
      'Was anything accepted: `flowlogs detect --engine athena --stack STACK --only accepted-after-rejected --from -3h`.',
    ],
    tune: 'threshold is the floor in records per five minutes; bandWidth is the standard deviations of the band. The band learns for two weeks.',
    threshold: 500,
    periods: 2,
  },
  transfer: {
    ...event,
    title: 'Unusually many bytes',
    meaning: 'Accepted bytes in the log group are above a floor and above the band that CloudWatch expects at this time.',
    checks: [
      `Who: \`flowlogs query top-talkers --engine insights --log-group ${OUTPUTS.logGroup} --from -1h\`.`,
      `In or out: \`flowlogs query public-private-traffic --engine insights --log-group ${OUTPUTS.logGroup} --from -1h\`.`,
      'Compared with earlier days: see "Accepted bytes against the days and weeks before" on the dashboard.',
    ],
    tune: 'threshold is the floor in bytes per five minutes; bandWidth is the standard deviations of the band.',
    threshold: 10_000_000_000,
    periods: 2,
  },
  'rejections-by-interface': {
    ...event,
    title: 'Many rejected records on one interface',
    meaning: 'More rejected records within ten minutes than the threshold; the alarm names the interface as its contributor.',
    checks: [
      `Who and which ports: \`flowlogs query top-rejected-sources --engine insights --log-group ${OUTPUTS.logGroup} --from -1h --scope eni=ENI\`.`,
      'Is this usual: `flowlogs explain rejection-spike/interface/ENI --engine athena --stack STACK --from -2d`.',
      `Was anything accepted: \`flowlogs query accepted-tcp-connections --engine insights --log-group ${OUTPUTS.logGroup} --from -1h --scope eni=ENI\`.`,
    ],
    tune: 'It has no baseline: raise threshold above what your busiest interface does.',
    threshold: 1000,
  },
} as const satisfies Record<string, AlarmDefinition>;

export type AlarmName = keyof typeof ALARMS;
