/** Names that the deployed stack and its clients share. */

/** Stack outputs that `flowlogs --stack` reads, and those that the runbook names. */
export const OUTPUTS = {
  bucket: 'BucketName',
  logGroup: 'LogGroupName',
  workgroup: 'WorkgroupName',
  records: 'RecordsView',
  partitions: 'RecordsPartitions',
  runFunction: 'RunFunctionName',
  runLog: 'RunLogGroupName',
  checkLog: 'CheckLogGroupName',
  deadLetters: 'DeadLetterQueueUrl',
  compactFunction: 'CompactFunctionName',
  compactLog: 'CompactLogGroupName',
  lakeWorkgroup: 'LakeWorkgroupName',
  relationsFunction: 'RelationsFunctionName',
  relationsLog: 'RelationsLogGroupName',
  relationsWorkgroup: 'RelationsWorkgroupName',
  reportFunction: 'ReportFunctionName',
  reportLog: 'ReportLogGroupName',
  api: 'ApiUrl',
} as const;

/** CloudWatch namespace of every metric. */
export const NAMESPACE = 'FlowLogAnalytics';

/** Metrics of runs; dimensions `Stack`, and `Stack` with `Schedule`. */
export const METRICS = {
  succeeded: 'RunsSucceeded',
  failed: 'RunsFailed',
  duration: 'RunSeconds',
  bytesScanned: 'BytesScanned',
  cancelledByLimit: 'QueriesCancelledByScanLimit',
  truncated: 'RunsTruncated',
  found: 'FindingsNew',
  escalated: 'FindingsEscalated',
  suppressed: 'FindingsSuppressed',
  deliveryErrors: 'FlowLogsFailing',
  deliveryAge: 'SecondsSinceDelivery',
  relationsMade: 'RelationHoursMade',
  relationsFailed: 'RelationHoursFailed',
  relationsKept: 'RelationsKept',
  lakeCompacted: 'LakeHoursCompacted',
  lakeFailed: 'LakeHoursFailed',
  lakeBehind: 'LakeHoursBehind',
  lakeDiffering: 'LakeHoursDiffering',
} as const;

/** Metrics of the records in a log group; dimension-free, in a namespace per stack. */
export const TRAFFIC_METRICS = {
  accepted: 'AcceptedRecords',
  rejected: 'RejectedRecords',
  rejectedPackets: 'RejectedPackets',
  rejectedBytes: 'RejectedBytes',
  acceptedPackets: 'AcceptedPackets',
  acceptedBytes: 'AcceptedBytes',
  rejectedAdministration: 'RejectedAdministrationRecords',
  skipped: 'SkippedRecords',
} as const;

/** On the event bus. */
export const EVENT_SOURCE = 'flow-log-analytics';
export const DETAIL_TYPES = { finding: 'Flow Log Finding', ocsf: 'Flow Log Finding (OCSF)' } as const;

/** Key columns of the table that remembers findings, and its index over those that were not sent yet. */
export const STORE = {
  key: 'key',
  id: 'id',
  expires: 'expires',
  pending: 'pending',
  pendingSince: 'pendingSince',
  pendingIndex: 'pending',
} as const;
