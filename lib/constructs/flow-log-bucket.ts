import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnKey, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct, type IDependable } from 'constructs';
import { emptyOnArm, twoKeyRemoval } from './deletion';
import { VERIFIED_TAG } from '../lake/names';
import { privateBucket } from './private-bucket';
import { assertNoProblems, warn } from './problems';
import { jsonBytes, QUOTAS } from './quotas';

export interface FlowLogBucketProps {
  /** Name of the bucket. @default - CloudFormation makes a name */
  readonly bucketName?: string;
  /** Accounts whose flow logs may be delivered here. @default - the account of the stack */
  readonly sourceAccounts?: readonly string[];
  /** Organisation (`o-…`) whose accounts may deliver here; in place of {@link sourceAccounts}. @default - none */
  readonly organizationId?: string;
  /**
   * Organisational units whose accounts, and those of the units below, may deliver here: their paths from the organisation down,
   * `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`; in place of {@link sourceAccounts}. @default - none
   */
  readonly organizationalUnits?: readonly string[];
  /** Encrypt with a customer-managed key made here. AWS-managed keys make delivered logs unreadable. @default false: SSE-S3 */
  readonly customerManagedKey?: boolean;
  /** Encrypt with this key. @default - SSE-S3, or a new key if `customerManagedKey` */
  readonly encryptionKey?: IKey;
  /** Move objects to S3 Standard-IA after this age (at least 30 days). @default - never */
  readonly transitionAfter?: Duration;
  /** Delete objects after this age. @default 365 days */
  readonly expireAfter?: Duration;
  /** Delete objects of hours that a lake holds and has verified after this age: {@link FlowLogLakeProps.tagVerified}. @default - they live as long as all others */
  readonly verifiedExpireAfter?: Duration;
  /** Where S3 server access logs go. @default - none are kept */
  readonly accessLogsBucket?: IBucket;
  /** Objects cannot be deleted for this long (governance mode). @default - no object lock */
  readonly objectLock?: Duration;
  /** What happens to the data with the stack; DESTROY needs the context key `flow-log-analytics:deleteData` too. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** A bucket that flow logs may be delivered to. */
export interface IFlowLogBucket extends IConstruct {
  /** The bucket itself. */
  readonly bucket: IBucket;
  /** What flow logs depend on: the policy that lets them deliver. Undefined where another stack has it. */
  readonly policy: IDependable | undefined;
}

class ImportedBucket extends Construct implements IFlowLogBucket {
  readonly policy = undefined;

  constructor(
    scope: Construct,
    id: string,
    readonly bucket: IBucket,
  ) {
    super(scope, id);
  }
}

/** Longer than late objects are looked for by default. */
const LEAST_VERIFIED_DAYS = 3;

const DELIVERY = new ServicePrincipal('delivery.logs.amazonaws.com');

/**
 * A bucket that flow logs are delivered to: its policy is ours, so the service has none to write, and exists before the
 * first flow log and until after the last.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html
 */
export class FlowLogBucket extends Construct implements IFlowLogBucket {
  /** An existing bucket, in this or another account, whose policy allows the delivery (docs/deploy.md). */
  static fromBucket(scope: Construct, id: string, bucket: IBucket): IFlowLogBucket {
    return new ImportedBucket(scope, id, bucket);
  }

  readonly bucket: IBucket;
  /** Key of the objects. Undefined: S3 encrypts them with its own. */
  readonly encryptionKey: IKey | undefined;
  /** What flow logs depend on. */
  readonly policy: IDependable;

  constructor(scope: Construct, id: string, props: FlowLogBucketProps = {}) {
    super(scope, id);
    assertNoProblems(this, problemsOf(props));
    const removalPolicy = twoKeyRemoval(this, props.removalPolicy);
    const conditions = sourceConditions(this, props);
    this.encryptionKey = props.encryptionKey ?? (props.customerManagedKey === true ? this.makeKey(removalPolicy) : undefined);
    if (this.encryptionKey !== undefined) allowKey(this, this.encryptionKey, conditions);
    const bucket = new Bucket(this, 'Resource', {
      ...(props.bucketName === undefined ? {} : { bucketName: props.bucketName }),
      ...privateBucket(this.encryptionKey),
      ...(props.objectLock === undefined
        ? {}
        : { versioned: true, objectLockEnabled: true, objectLockDefaultRetention: ObjectLockRetention.governance(props.objectLock) }),
      ...(props.accessLogsBucket === undefined
        ? {}
        : { serverAccessLogsBucket: props.accessLogsBucket, serverAccessLogsPrefix: 'flow-log-bucket/' }),
      lifecycleRules: [
        {
          id: 'FlowLogs',
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          expiration: props.expireAfter ?? Duration.days(365),
          ...(props.transitionAfter === undefined
            ? {}
            : { transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: props.transitionAfter }] }),
          ...(props.objectLock === undefined ? {} : { noncurrentVersionExpiration: Duration.days(1) }),
        },
        ...(props.verifiedExpireAfter === undefined
          ? []
          : [{ id: 'InTheLake', tagFilters: { [VERIFIED_TAG.key]: VERIFIED_TAG.value }, expiration: props.verifiedExpireAfter }]),
      ],
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    });
    for (const statement of deliveryStatements(bucket, props, conditions)) bucket.addToResourcePolicy(statement);
    if (bucket.policy === undefined) throw new Error('unreachable: the statements above make a policy');
    this.policy = bucket.policy;
    assertNoProblems(this, [
      ...sizeProblems(this, 'bucket', bucket.policy.document, QUOTAS.bucketPolicyBytes, props),
      ...(this.encryptionKey instanceof Key
        ? sizeProblems(this, 'key', keyPolicyOf(this.encryptionKey), QUOTAS.keyPolicyBytes, props)
        : []),
    ]);
    this.bucket = bucket as IBucket;
    emptyOnArm(this);
  }

  private makeKey(removalPolicy: RemovalPolicy): Key {
    return new Key(this, 'Key', { description: 'Flow logs in S3', enableKeyRotation: true, removalPolicy });
  }
}

function problemsOf(props: FlowLogBucketProps): string[] {
  const problems: string[] = [];
  const whose = (['organizationId', 'organizationalUnits', 'sourceAccounts'] as const).filter((name) => props[name] !== undefined);
  if (whose.length > 1)
    problems.push(`${whose.join(' and ')}: got both, expected one: an organisation includes its units, a unit its accounts`);
  for (const unit of props.organizationalUnits ?? [])
    if (!Token.isUnresolved(unit) && !UNIT_PATH.test(unit))
      problems.push(`organizationalUnits: got ${JSON.stringify(unit)}, expected a path such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`);
  if (props.encryptionKey !== undefined && props.customerManagedKey !== undefined)
    problems.push('encryptionKey and customerManagedKey: got both, expected one: pass a key or let the construct create one');
  if (props.organizationId !== undefined && !Token.isUnresolved(props.organizationId) && !/^o-[a-z0-9]{10,32}$/.test(props.organizationId))
    problems.push(`organizationId: got ${JSON.stringify(props.organizationId)}, expected an id such as o-a1b2c3d4e5`);
  for (const account of props.sourceAccounts ?? [])
    if (!Token.isUnresolved(account) && !/^\d{12}$/.test(account))
      problems.push(`sourceAccounts: got ${JSON.stringify(account)}, expected 12 digits (in quotes, or YAML drops leading zeros)`);
  if (props.sourceAccounts?.length === 0) problems.push('sourceAccounts: got an empty list, expected at least one account');
  const [transition, expiry] = [props.transitionAfter?.toDays(), (props.expireAfter ?? Duration.days(365)).toDays()];
  if (transition !== undefined && transition < 30)
    problems.push(`transitionAfter: got ${transition} days, expected at least 30: S3 Standard-IA requires 30 days`);
  if (transition !== undefined && transition >= expiry)
    problems.push(`expireAfter: got ${expiry} days, expected more than transitionAfter (${transition} days)`);
  const verified = props.verifiedExpireAfter?.toDays();
  if (verified !== undefined && verified < LEAST_VERIFIED_DAYS)
    problems.push(
      `verifiedExpireAfter: got ${verified} days, expected at least ${LEAST_VERIFIED_DAYS}: late objects are checked during this time`,
    );
  const lock = props.objectLock?.toDays();
  if (lock !== undefined && lock > expiry) problems.push(`objectLock: got ${lock} days, expected at most expireAfter (${expiry} days)`);
  return problems;
}

type Conditions = Record<string, Record<string, unknown>>;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceorgpaths */
const UNIT_PATH = /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}\/(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}\/)*$/;

/** Accounts with complete statements; beyond this number, statements are shortened to fit into the policy. */
const FEW_ACCOUNTS = 20;

/** Confused-deputy conditions: only deliveries made for our accounts. */
function sourceConditions(scope: Construct, { organizationId, organizationalUnits, sourceAccounts }: FlowLogBucketProps): Conditions {
  const { partition, account } = Stack.of(scope);
  const anyArn = { ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:*:*:*` } };
  if (organizationId !== undefined) return { StringEquals: { 'aws:SourceOrgID': organizationId }, ...anyArn };
  if (organizationalUnits !== undefined)
    return { 'ForAnyValue:StringLike': { 'aws:SourceOrgPaths': organizationalUnits.map((path) => `${path}*`) }, ...anyArn };
  const accounts = sourceAccounts ?? [account];
  const named = { StringEquals: { 'aws:SourceAccount': accounts } };
  if (accounts.length > FEW_ACCOUNTS) return { ...named, ...anyArn };
  return { ...named, ArnLike: { 'aws:SourceArn': accounts.map((owner) => `arn:${partition}:logs:*:${owner}:*`) } };
}

/** The service writes below the account that it delivers for: naming each folder says again what the conditions say. */
function deliveryStatements(bucket: Bucket, props: FlowLogBucketProps, conditions: Conditions): PolicyStatement[] {
  const accounts = props.sourceAccounts ?? [Stack.of(bucket).account];
  const few = props.organizationId === undefined && props.organizationalUnits === undefined && accounts.length <= FEW_ACCOUNTS;
  const resources = few
    ? accounts.flatMap((account) => [
        bucket.arnForObjects(`*AWSLogs/${account}/*`),
        bucket.arnForObjects(`*AWSLogs/aws-account-id=${account}/*`),
      ])
    : [bucket.arnForObjects('*')];
  return [
    new PolicyStatement({
      sid: 'FlowLogsWrite',
      effect: Effect.ALLOW,
      principals: [DELIVERY],
      actions: ['s3:PutObject'],
      resources,
      conditions: { ...conditions, StringEquals: { ...conditions['StringEquals'], 's3:x-amz-acl': 'bucket-owner-full-control' } },
    }),
    new PolicyStatement({
      sid: 'FlowLogsCheck',
      effect: Effect.ALLOW,
      principals: [DELIVERY],
      actions: ['s3:GetBucketAcl', 's3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions,
    }),
  ];
}

const keyPolicyOf = (key: Key): unknown => (key.node.defaultChild as CfnKey).keyPolicy;

/** Refused here with the number that fits, instead of at deployment without. */
function sizeProblems(scope: Construct, of: string, policy: unknown, limit: number, { sourceAccounts = [] }: FlowLogBucketProps): string[] {
  const resolved: unknown = Stack.of(scope).resolve(policy);
  const bytes = jsonBytes(resolved);
  if (bytes <= limit) return [];
  const text = JSON.stringify(resolved);
  const perAccount = sourceAccounts.reduce((sum, account) => sum + (text.split(`"${account}"`).length - 1) * (account.length + 3), 0);
  const fit = Math.floor((sourceAccounts.length * (limit - (bytes - perAccount))) / perAccount);
  return [
    `sourceAccounts: got ${sourceAccounts.length}, whose ${of} policy has ${bytes} bytes; the limit of AWS is ${limit}, so at most ${fit} fit. Set organizationId or organizationalUnits instead`,
  ];
}

/** Without it the flow log is ACTIVE and delivers nothing. */
function allowKey(scope: Construct, key: IKey, conditions: Conditions): void {
  const { statementAdded } = key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FlowLogsEncrypt',
      principals: [DELIVERY],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions,
    }),
  );
  if (!statementAdded)
    warn(
      scope,
      'KeyPolicy',
      'the policy of an imported key cannot be changed by this stack: it must allow delivery.logs.amazonaws.com to use kms:Encrypt, Decrypt, ReEncrypt*, ' +
        'GenerateDataKey* and DescribeKey, or the flow log is ACTIVE but delivers nothing (docs/deploy.md)',
    );
}
