import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { emptyOnArm } from './deletion';
import { grantObjects } from './object-grants';
import { privateBucket } from './private-bucket';
import { assertNoProblems } from './problems';

export interface AnalysisWorkgroupProps {
  /** With `resultsBucket` it ends in `-results`. @default - the stack's name */
  readonly workGroupName?: string;
  /** A query that scans more is cancelled (and still billed). At least 10 MiB. @default 100 GiB */
  readonly scanLimit?: Size;
  /** Keep results in a bucket of the stack, encrypted, instead of with Athena for 24 hours. @default false */
  readonly resultsBucket?: boolean;
  /** Of a results bucket. @default 30 days */
  readonly resultsExpireAfter?: Duration;
  /** Encrypts a results bucket. @default - SSE-S3 */
  readonly encryptionKey?: IKey;
}

/** A workgroup that questions run in. */
export interface IAnalysisWorkgroup extends IConstruct {
  /** Name of the workgroup. */
  readonly workGroupName: string;
  /** Undefined: Athena keeps results itself, for 24 hours. */
  readonly resultsBucket: IBucket | undefined;
  /** Running queries in this workgroup and reading their results. What they read is granted by {@link IFlowRecordsView.grantRead}. */
  grantRunQueries(grantee: IGrantable): Grant;
}

export interface AnalysisWorkgroupAttributes {
  /** Name of the workgroup, in the account and Region of the stack that imports it. */
  readonly workGroupName: string;
  /** Bucket whose folder `results/` holds the results. @default - Athena keeps results itself */
  readonly resultsBucket?: IBucket;
}

/** How a workgroup encrypts what its queries write. */
export const encryptionOf = (key: IKey | undefined): CfnWorkGroup.EncryptionConfigurationProperty =>
  key === undefined ? { encryptionOption: 'SSE_S3' } : { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn };

const WORKGROUP_ACTIONS = [
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
  'athena:GetQueryExecution',
  'athena:BatchGetQueryExecution',
  'athena:ListQueryExecutions',
  'athena:GetQueryResults',
  'athena:GetQueryResultsStream',
  'athena:GetWorkGroup',
  'athena:ListNamedQueries',
  'athena:GetNamedQuery',
  'athena:BatchGetNamedQuery',
  'athena:ListPreparedStatements',
  'athena:GetPreparedStatement',
];

abstract class WorkgroupBase extends Construct implements IAnalysisWorkgroup {
  abstract readonly workGroupName: string;
  abstract readonly resultsBucket: IBucket | undefined;

  grantRunQueries(grantee: IGrantable): Grant {
    const run = Grant.addToPrincipal({
      grantee,
      actions: WORKGROUP_ACTIONS,
      resourceArns: [Stack.of(this).formatArn({ service: 'athena', resource: 'workgroup', resourceName: this.workGroupName })],
    });
    if (this.resultsBucket === undefined) return run;
    return run.combine(grantObjects(grantee, { bucket: this.resultsBucket, prefix: 'results', write: true }));
  }
}

class ImportedWorkgroup extends WorkgroupBase {
  readonly workGroupName: string;
  readonly resultsBucket: IBucket | undefined;

  constructor(scope: Construct, id: string, { workGroupName, resultsBucket }: AnalysisWorkgroupAttributes) {
    super(scope, id);
    this.workGroupName = workGroupName;
    this.resultsBucket = resultsBucket;
  }
}

/**
 * Where questions run: settings that a caller cannot override, a scan limit, results that expire. One that keeps results in a
 * bucket is another workgroup, since an update cannot be relied on to end the other way of keeping them (docs/adr/0035).
 */
export class AnalysisWorkgroup extends WorkgroupBase {
  /** A workgroup that keeps its results with Athena. */
  static fromWorkgroupName(scope: Construct, id: string, workGroupName: string): IAnalysisWorkgroup {
    return new ImportedWorkgroup(scope, id, { workGroupName });
  }
  /** A workgroup of another stack. */
  static fromAttributes(scope: Construct, id: string, attributes: AnalysisWorkgroupAttributes): IAnalysisWorkgroup {
    return new ImportedWorkgroup(scope, id, attributes);
  }

  readonly workGroupName: string;
  /** Undefined: Athena keeps results itself, for 24 hours. */
  readonly resultsBucket: IBucket | undefined;

  constructor(scope: Construct, id: string, props: AnalysisWorkgroupProps = {}) {
    super(scope, id);
    const scanLimit = props.scanLimit ?? Size.gibibytes(100);
    this.workGroupName = `${props.workGroupName ?? Stack.of(this).stackName}${props.resultsBucket === true ? '-results' : ''}`;
    assertNoProblems(this, problemsOf(this.workGroupName, scanLimit, props));
    this.resultsBucket = props.resultsBucket === true ? this.makeBucket(props) : undefined;
    new CfnWorkGroup(this, 'Resource', {
      name: this.workGroupName,
      description: 'Questions about VPC flow logs (flow-log-analytics)',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        requesterPaysEnabled: false,
        bytesScannedCutoffPerQuery: scanLimit.toBytes(),
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        ...(this.resultsBucket === undefined
          ? { managedQueryResultsConfiguration: { enabled: true } }
          : {
              resultConfiguration: {
                outputLocation: this.resultsBucket.s3UrlForObject('results/'),
                encryptionConfiguration: encryptionOf(props.encryptionKey),
              },
            }),
      },
    });
  }

  private makeBucket(props: AnalysisWorkgroupProps): IBucket {
    // Results can be queried again: they are deleted with the stack.
    const bucket = new Bucket(this, 'Results', {
      ...privateBucket(props.encryptionKey),
      lifecycleRules: [
        { id: 'Results', expiration: props.resultsExpireAfter ?? Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    emptyOnArm(this);
    return bucket as IBucket;
  }
}

function problemsOf(name: string, scanLimit: Size, props: AnalysisWorkgroupProps): string[] {
  const problems: string[] = [];
  if (!/^[a-zA-Z0-9._-]{1,128}$/.test(name))
    problems.push(`workGroupName: got ${JSON.stringify(name)}, expected letters, digits, . _ and -`);
  if (scanLimit.toBytes() < Size.mebibytes(10).toBytes())
    problems.push(`scanLimit: got ${scanLimit.toBytes()} bytes, expected at least 10 MiB: Athena's minimum charge per query`);
  if (props.resultsBucket !== true) {
    for (const property of ['resultsExpireAfter', 'encryptionKey'] as const)
      if (props[property] !== undefined)
        problems.push(`${property}: got a value, but Athena keeps the results (encrypted, 24 hours). Set resultsBucket: true or remove it`);
  }
  return problems;
}
