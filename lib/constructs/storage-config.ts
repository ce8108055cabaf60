import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogMaxAggregationInterval } from 'aws-cdk-lib/aws-ec2';
import { LogGroupClass, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Config } from '../config';
import type { ScopeName } from '../flow-log/definition';
import { parseFormat } from '../flow-log/format';
import { daysOf } from './config-durations';
import type { FlowLogBucketProps } from './flow-log-bucket';
import { FlowLogDestination, type S3DestinationProps } from './flow-log-destination';
import type { RetiredFormat } from './flow-log-definition';
import { FlowLogScope } from './flow-log-scope';
import type { Imports } from './imports';
import { present } from './present';
import type { AnalyticsDefinition, ExistingLogs, LakeProps, StorageProps } from './storage';

type DefinitionConfig = Config['definitions'][number];
type DestinationConfig = NonNullable<DefinitionConfig['destination']>;

export const storageFromConfig = (
  { definitions, existingLogs, bucket, lake, accounts, regions, since, databaseName }: Config,
  imports: Imports,
): StorageProps => ({
  definitions: definitions.map((definition) => definitionFromConfig(definition, imports)),
  existingLogs: existingLogs.map((logs) => existingLogsFromConfig(logs, imports)),
  ...present({
    accounts,
    regions,
    since,
    databaseName,
    bucket: bucket === undefined ? undefined : bucketFromConfig(bucket, imports),
    lake: lake === undefined ? undefined : lakeFromConfig(lake, imports),
  }),
});

function bucketFromConfig(
  {
    name,
    kmsKeyArn,
    transitionAfterDays,
    expireAfterDays,
    accessLogsBucket,
    objectLockDays,
    deleteWithStack,
    ...same
  }: NonNullable<Config['bucket']>,
  imports: Imports,
): FlowLogBucketProps {
  return present({
    ...same,
    bucketName: name,
    encryptionKey: imports.key('BucketKey', kmsKeyArn),
    transitionAfter: daysOf(transitionAfterDays),
    expireAfter: daysOf(expireAfterDays),
    accessLogsBucket: imports.bucketIfNamed('AccessLogs', accessLogsBucket),
    objectLock: daysOf(objectLockDays),
    removalPolicy: deleteWithStack === true ? RemovalPolicy.DESTROY : undefined,
  });
}

function lakeFromConfig(
  { firstHours, recheckHours, expireRawAfterDays, bucket, kmsKeyArn, prefix }: NonNullable<Config['lake']>,
  imports: Imports,
): LakeProps {
  return present({
    firstHours,
    expireRawAfter: daysOf(expireRawAfterDays),
    recheck: recheckHours === undefined ? undefined : Duration.hours(recheckHours),
    storage: bucket === undefined ? undefined : { bucket: imports.bucket('LakeBucket', bucket, kmsKeyArn), prefix },
  });
}

function definitionFromConfig(
  { id, scope, aggregationSeconds, tagFields, retiredFormats, destination, ...same }: DefinitionConfig,
  imports: Imports,
): AnalyticsDefinition {
  const [kind, resourceId] = Object.entries(scope).find(([, value]) => value !== undefined) as [ScopeName, string];
  const s3 = destination?.s3;
  return {
    id,
    scope: FlowLogScope.of(kind, resourceId),
    ...present({
      ...same,
      maxAggregationInterval: intervalOf(aggregationSeconds),
      tagFieldSpecifications: tagFields,
      retiredFormats: retiredFormats?.map(retiredFormatFromConfig),
      destination: destination === undefined ? undefined : destinationFromConfig(id, destination, imports),
      s3: s3 === undefined || s3.bucket !== undefined ? undefined : s3FromConfig(s3),
    }),
  };
}

const retiredFormatFromConfig = ({
  hiveCompatible,
  hourly,
  aggregationSeconds,
  tagFields,
  until,
  ...same
}: NonNullable<DefinitionConfig['retiredFormats']>[number]): RetiredFormat => ({
  format: same.format,
  ...present({
    ...same,
    maxAggregationInterval: intervalOf(aggregationSeconds),
    tagFieldSpecifications: tagFields,
    until: until === undefined ? undefined : new Date(until),
    hiveCompatiblePartitions: hiveCompatible,
    perHourPartition: hourly,
  }),
});

/** Undefined for the stack's own bucket. */
function destinationFromConfig(
  id: string,
  { s3, firehose, cloudWatchLogs: logs }: DestinationConfig,
  imports: Imports,
): FlowLogDestination | undefined {
  if (s3?.bucket !== undefined) return FlowLogDestination.bucket(imports.deliveryBucket(id, s3.bucket, s3.kmsKeyArn), s3FromConfig(s3));
  if (firehose !== undefined)
    return FlowLogDestination.firehose({
      deliveryStreamArn: firehose.deliveryStreamArn,
      ...present({ crossAccountRoleArn: firehose.crossAccountRoleArn }),
    });
  if (logs === undefined) return undefined;
  return FlowLogDestination.cloudWatchLogs(
    present({
      logGroup: imports.logGroup(`LogGroup-${id}`, logs.logGroup),
      logGroupClass: logs.logGroupClass === undefined ? undefined : LogGroupClass[logs.logGroupClass],
      retention: Object.values(RetentionDays).find((value): value is RetentionDays => value === logs.retentionDays),
      encryptionKey: imports.key(`LogGroupKey-${id}`, logs.kmsKeyArn),
    }),
  );
}

const s3FromConfig = ({ fileFormat, hiveCompatible, hourly, prefix }: NonNullable<DestinationConfig['s3']>): S3DestinationProps => ({
  fileFormat,
  hiveCompatiblePartitions: hiveCompatible,
  perHourPartition: hourly,
  ...present({ prefix }),
});

function existingLogsFromConfig(
  { id, bucket, kmsKeyArn, prefix, format, fileFormat, hiveCompatible, hourly, kind, ...same }: Config['existingLogs'][number],
  imports: Imports,
): ExistingLogs {
  return {
    id,
    bucket: imports.bucket(`Existing-${id}`, bucket, kmsKeyArn),
    location: { format: parseFormat(format), prefix, fileFormat, layout: { hive: hiveCompatible, hourly } },
    kind,
    ...present(same),
  };
}

const intervalOf = (seconds: 60 | 600 | undefined): FlowLogMaxAggregationInterval | undefined =>
  seconds === undefined ? undefined : seconds === 60 ? FlowLogMaxAggregationInterval.ONE_MINUTE : FlowLogMaxAggregationInterval.TEN_MINUTES;
