import { ArnFormat, type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { CfnFlowLogProps } from 'aws-cdk-lib/aws-ec2';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ILogGroup, LogGroup, LogGroupClass, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IDependable } from 'constructs';
import type { FileFormat } from '../flow-log/definition';
import type { Layout } from '../flow-log/layout';
import { twoKeyRemoval } from './deletion';
import type { IFlowLogBucket } from './flow-log-bucket';
import { present } from './present';

export interface S3DestinationProps {
  /** Format of the objects. @default 'parquet': cheaper to query. 'text' is what the tools of others read */
  readonly fileFormat?: FileFormat;
  /** `aws-account-id=…/year=…` folders. @default false */
  readonly hiveCompatiblePartitions?: boolean;
  /** A folder per hour. @default true: an hour is what a scheduled question reads */
  readonly perHourPartition?: boolean;
  /** Folder below which the objects lie. @default - made from the definition's id, format and layout, so that another format is another folder */
  readonly prefix?: string;
}

export interface CloudWatchLogsDestinationProps {
  /** Existing log group. @default - a new log group */
  readonly logGroup?: ILogGroup;
  /** Name of a new log group. @default - CloudFormation makes a name */
  readonly logGroupName?: string;
  /** Of a new log group. INFREQUENT_ACCESS costs half and has no metric filters, field indexes or live alarms. Fixed once made. @default STANDARD */
  readonly logGroupClass?: LogGroupClass;
  /** Of a new log group. @default 90 days */
  readonly retention?: RetentionDays;
  /** Encrypts a new log group; for an existing log group, the key that encrypts it. @default - encrypted by CloudWatch Logs */
  readonly encryptionKey?: IKey;
  /** Role that the flow log writes with. @default - a new one with the three stream actions on this group only */
  readonly role?: IRole;
  /** Of a new log group; DESTROY needs the context key `flow-log-analytics:deleteData` too. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

export interface FirehoseDestinationProps {
  /** ARN of the delivery stream, here or in another account. */
  readonly deliveryStreamArn: string;
  /**
   * For a stream in another account: ARN of the role there, whose name must start with `AWSLogDeliveryFirehoseCrossAccountRole`.
   * https://docs.aws.amazon.com/vpc/latest/userguide/firehose-cross-account-delivery.html
   * @default - the stream is in this account
   */
  readonly crossAccountRoleArn?: string;
}

/** Where records go, once bound to a definition. */
export interface BoundDestination {
  /** Properties of the flow log. */
  readonly properties: Pick<
    CfnFlowLogProps,
    'logDestination' | 'logDestinationType' | 'deliverLogsPermissionArn' | 'deliverCrossAccountRole'
  >;
  /** Options of objects in S3. @default - none for other destinations */
  readonly destinationOptions?: Readonly<Record<string, unknown>>;
  /** What the flow log is made after. */
  readonly dependencies: readonly IDependable[];
  /** Objects in S3. @default - another destination */
  readonly s3?: { readonly bucket: IBucket; readonly prefix: string; readonly fileFormat: FileFormat; readonly layout: Layout };
  /** Log group of the records. @default - another destination */
  readonly logGroup?: ILogGroup;
  /** Key that the log group is encrypted with. @default - encrypted by CloudWatch Logs */
  readonly logGroupKey?: IKey;
}

/** Where a flow log delivers to. */
export abstract class FlowLogDestination {
  /** A bucket made or imported by {@link FlowLogBucket}: the flow log depends on its policy. */
  static bucket({ bucket, policy }: IFlowLogBucket, props: S3DestinationProps = {}): FlowLogDestination {
    return new S3Destination(bucket, policy === undefined ? [] : [policy], props);
  }
  /** A log group of CloudWatch Logs. */
  static cloudWatchLogs(props: CloudWatchLogsDestinationProps = {}): FlowLogDestination {
    return new CloudWatchLogsDestination(props);
  }
  /** A delivery stream by ARN, here or in another account. */
  static firehose(props: FirehoseDestinationProps): FlowLogDestination {
    return new FirehoseDestination(props);
  }
  /** A delivery stream of this app, or one imported into it. It is made before the flow log. */
  static deliveryStream(stream: IDeliveryStream): FlowLogDestination {
    return new FirehoseDestination({ deliveryStreamArn: stream.deliveryStreamArn }, [stream]);
  }

  /** Why it cannot be deployed; empty where it can. */
  abstract problems(): string[];
  /** @internal */
  abstract _bind(scope: Construct, defaultPrefix: (fileFormat: FileFormat, layout: Layout) => string): BoundDestination;
}

class S3Destination extends FlowLogDestination {
  constructor(
    private readonly bucket: IBucket,
    private readonly dependencies: readonly IDependable[],
    private readonly props: S3DestinationProps,
  ) {
    super();
  }

  problems(): string[] {
    const { prefix } = this.props;
    if (prefix === undefined || Token.isUnresolved(prefix)) return [];
    if (prefix.split('/').includes('AWSLogs')) return [`prefix: got ${JSON.stringify(prefix)}: AWSLogs is reserved. Use another folder`];
    if (!/^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/.test(prefix))
      return [`prefix: got ${JSON.stringify(prefix)}, expected folders such as team/vpc, without slashes at the ends`];
    return [];
  }

  _bind(_scope: Construct, defaultPrefix: (fileFormat: FileFormat, layout: Layout) => string): BoundDestination {
    const fileFormat = this.props.fileFormat ?? 'parquet';
    const layout = { hive: this.props.hiveCompatiblePartitions ?? false, hourly: this.props.perHourPartition ?? true };
    const prefix = this.props.prefix ?? defaultPrefix(fileFormat, layout);
    return {
      properties: { logDestinationType: 's3', logDestination: `${this.bucket.bucketArn}/${prefix}/` },
      destinationOptions: {
        FileFormat: fileFormat === 'parquet' ? 'parquet' : 'plain-text',
        HiveCompatiblePartitions: layout.hive,
        PerHourPartition: layout.hourly,
      },
      dependencies: this.dependencies,
      s3: { bucket: this.bucket, prefix, fileFormat, layout },
    };
  }
}

/** What a flow log needs to write to a group that is there: no CreateLogGroup, or a deleted group would be born again. */
const STREAM_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'];

class CloudWatchLogsDestination extends FlowLogDestination {
  constructor(private readonly props: CloudWatchLogsDestinationProps) {
    super();
  }

  problems(): string[] {
    const ofNew = ['logGroupName', 'logGroupClass', 'retention', 'removalPolicy'] as const;
    const both = this.props.logGroup === undefined ? [] : ofNew.filter((name) => this.props[name] !== undefined);
    const problems = both.map(
      (name) => `${name}: got a value together with logGroup, expected it for a new log group only. Remove one of them`,
    );
    if (this.props.retention === RetentionDays.INFINITE)
      problems.push(
        'retention: got INFINITE, expected a finite retention: flow logs grow without limit and cost per month. RetentionDays.TEN_YEARS is the maximum',
      );
    return problems;
  }

  _bind(scope: Construct): BoundDestination {
    const { partition, region, account } = Stack.of(scope);
    const logGroup = this.props.logGroup ?? this.makeLogGroup(scope);
    const role =
      this.props.role ??
      new Role(scope, 'Role', {
        description: 'Writes flow logs to one log group',
        assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
          conditions: {
            StringEquals: { 'aws:SourceAccount': account },
            ArnLike: { 'aws:SourceArn': `arn:${partition}:ec2:${region}:${account}:vpc-flow-log/*` },
          },
        }),
      });
    const granted = role.addToPrincipalPolicy(new PolicyStatement({ actions: STREAM_ACTIONS, resources: [logGroup.logGroupArn] }));
    return {
      properties: {
        logDestinationType: 'cloud-watch-logs',
        // The ARN of a group ends in :* in policies; here AWS wants it without.
        logDestination: Stack.of(scope).formatArn({
          service: 'logs',
          resource: 'log-group',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          resourceName: logGroup.logGroupName,
        }),
        deliverLogsPermissionArn: role.roleArn,
      },
      dependencies: granted.policyDependable === undefined ? [] : [granted.policyDependable],
      logGroup,
      ...present({ logGroupKey: this.props.encryptionKey }),
    };
  }

  private makeLogGroup(scope: Construct): LogGroup {
    const { encryptionKey } = this.props;
    const { partition, region, account, urlSuffix } = Stack.of(scope);
    if (encryptionKey instanceof Key)
      encryptionKey.addToResourcePolicy(
        new PolicyStatement({
          sid: 'LogGroupEncrypt',
          principals: [new ServicePrincipal(`logs.${region}.${urlSuffix}`)],
          actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
          resources: ['*'],
          conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` } },
        }),
      );
    return new LogGroup(scope, 'LogGroup', {
      ...(this.props.logGroupName === undefined ? {} : { logGroupName: this.props.logGroupName }),
      logGroupClass: this.props.logGroupClass ?? LogGroupClass.STANDARD,
      retention: this.props.retention ?? RetentionDays.THREE_MONTHS,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
      removalPolicy: twoKeyRemoval(scope, this.props.removalPolicy),
    });
  }
}

class FirehoseDestination extends FlowLogDestination {
  constructor(
    private readonly props: FirehoseDestinationProps,
    private readonly dependencies: readonly IDependable[] = [],
  ) {
    super();
  }

  problems(): string[] {
    const { crossAccountRoleArn: arn, deliveryStreamArn } = this.props;
    const problems: string[] = [];
    if (!Token.isUnresolved(deliveryStreamArn) && !/^arn:[\w-]+:firehose:/.test(deliveryStreamArn))
      problems.push(
        `deliveryStreamArn: got ${JSON.stringify(deliveryStreamArn)}, expected arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME`,
      );
    if (arn !== undefined && !Token.isUnresolved(arn) && !/:role\/(?:.*\/)?AWSLogDeliveryFirehoseCrossAccountRole/.test(arn))
      problems.push(
        `crossAccountRoleArn: got ${JSON.stringify(arn)}, expected a role whose name starts with AWSLogDeliveryFirehoseCrossAccountRole`,
      );
    return problems;
  }

  _bind(scope: Construct): BoundDestination {
    const { deliveryStreamArn, crossAccountRoleArn } = this.props;
    const common = { logDestinationType: 'kinesis-data-firehose', logDestination: deliveryStreamArn };
    if (crossAccountRoleArn === undefined) return { properties: common, dependencies: this.dependencies };
    const role = this.sourceRole(scope, crossAccountRoleArn);
    return {
      properties: { ...common, deliverLogsPermissionArn: role.roleArn, deliverCrossAccountRole: crossAccountRoleArn },
      dependencies: [role],
    };
  }

  /** The source account's half: lets the delivery service hand on to the role of the stream's account. */
  private sourceRole(scope: Construct, destinationRoleArn: string): Role {
    const { partition, region, account } = Stack.of(scope);
    const role = new Role(scope, 'Role', {
      description: 'Delivers flow logs to a Firehose stream in another account',
      assumedBy: new ServicePrincipal('delivery.logs.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${account}:*` },
        },
      }),
    });
    // The three statements of https://docs.aws.amazon.com/vpc/latest/userguide/firehose-cross-account-delivery.html
    role.addToPolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [role.roleArn],
        conditions: {
          StringEquals: { 'iam:PassedToService': 'delivery.logs.amazonaws.com' },
          StringLike: {
            'iam:AssociatedResourceARN': `arn:${partition}:ec2:${region}:${account}:*`,
          },
        },
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:GetLogDelivery'],
        resources: ['*'],
      }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [destinationRoleArn] }));
    return role;
  }
}
