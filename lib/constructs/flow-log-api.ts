import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { STATE } from '../describe-flow-log/names';
import type { IAnalysisWorkgroup } from './analysis-workgroup';
import { KEPT } from './deletion';
import type { IFlowRecordsView } from './flow-records-view';
import { assertNoProblems, warn } from './problems';
import { TaskFunction } from './task-function';

export interface FlowLogApiProps {
  /** What the API answers from. */
  readonly view: IFlowRecordsView;
  /** Its results must outlast a call: tokens go on in them. */
  readonly workgroup: IAnalysisWorkgroup;
  /** Time zone of times without one: an IANA name. @default 'Asia/Kolkata' */
  readonly timeZone?: string;
  /** Longest window of a call. @default 30 minutes */
  readonly maxWindow?: Duration;
  /** How old a window may be. @default 15 days */
  readonly maxAge?: Duration;
  /** Calls of one principal within a minute. @default 60 */
  readonly callsPerMinute?: number;
  /** Calls per second of everybody together, and how many at once. @default 10 and 20 */
  readonly throttle?: { readonly rate: number; readonly burst: number };
  /**
   * Who called, in a log group. API Gateway writes it with the role that the account has for all its APIs in a Region:
   * `account-has-role` relies on one that is there, `make-account-role` makes it and outlives the stack.
   * @default - no access log: a stage with one cannot be deployed where the account has no role
   */
  readonly accessLog?: 'account-has-role' | 'make-account-role';
}

/** DescribeFlowLog of a stack. */
export interface IFlowLogApi extends IConstruct {
  /** Id of the API. */
  readonly restApiId: string;
  /** Seeing the records of one's own account. */
  grantDescribe(grantee: IGrantable): Grant;
  /** Seeing the records of every account. */
  grantDescribeAll(grantee: IGrantable): Grant;
}

const STAGE = 'v1';

abstract class ApiBase extends Construct implements IFlowLogApi {
  abstract readonly restApiId: string;
  protected abstract readonly stage: string;

  grantDescribe(grantee: IGrantable): Grant {
    return this.grant(grantee, '/');
  }

  grantDescribeAll(grantee: IGrantable): Grant {
    return this.grant(grantee, '/admin');
  }

  private grant(grantee: IGrantable, path: string): Grant {
    const arn = Stack.of(this).formatArn({ service: 'execute-api', resource: this.restApiId, resourceName: `${this.stage}/GET${path}` });
    return Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns: [arn] });
  }
}

class ImportedApi extends ApiBase {
  protected readonly stage = STAGE;

  constructor(
    scope: Construct,
    id: string,
    readonly restApiId: string,
  ) {
    super(scope, id);
  }
}

/**
 * DescribeFlowLog over HTTPS. Callers sign with SigV4. Principals that may invoke `GET /` see the records of their own account,
 * principals that may invoke `GET /admin` those of every account.
 */
export class FlowLogApi extends ApiBase {
  /** The API of another stack in this account and Region. */
  static fromRestApiId(scope: Construct, id: string, restApiId: string): IFlowLogApi {
    return new ImportedApi(scope, id, restApiId);
  }

  /** The API itself. */
  readonly restApi: RestApi;
  /** With a slash at its end. */
  readonly url: string;
  /** Answers the calls. */
  readonly function: LambdaFunction;
  readonly restApiId: string;
  protected readonly stage: string;

  constructor(scope: Construct, id: string, props: FlowLogApiProps) {
    super(scope, id);
    const { view, workgroup, timeZone = 'Asia/Kolkata', callsPerMinute = 60, throttle = { rate: 10, burst: 20 } } = props;
    const [minutes, days] = [(props.maxWindow ?? Duration.minutes(30)).toMinutes(), (props.maxAge ?? Duration.days(15)).toDays()];
    assertNoProblems(this, problemsOf({ timeZone, callsPerMinute, throttle, columns: view.columns }));
    const state = new Table(this, 'State', {
      partitionKey: { name: STATE.key, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: STATE.expires,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false },
      // Tokens and counters of the last hours.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new TaskFunction(this, 'Function', {
      task: 'describe-flow-log',
      description: 'Answers DescribeFlowLog',
      files: {},
      environment: {
        WORKGROUP: workgroup.workGroupName,
        RECORDS_VIEW: view.qualifiedName,
        PARTITIONS: view.partitions.map(({ column }) => column).join(','),
        COLUMNS: view.columns.join(','),
        STATE_TABLE: state.tableName,
        TIME_ZONE: timeZone,
        MAX_MINUTES: String(minutes),
        MAX_DAYS: String(days),
        CALLS_PER_MINUTE: String(callsPerMinute),
      },
      timeout: Duration.seconds(29),
      memoryMiB: 512,
    }).function;
    view.grantRead(this.function);
    workgroup.grantRunQueries(this.function);
    this.function.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [state.tableArn],
      }),
    );
    const api = new RestApi(this, 'Api', {
      description: 'DescribeFlowLog (flow-log-analytics)',
      // China, GovCloud and the sovereign cloud have no edge-optimised ones.
      endpointTypes: [EndpointType.REGIONAL],
      ...(props.accessLog === 'make-account-role'
        ? { cloudWatchRole: true, cloudWatchRoleRemovalPolicy: KEPT }
        : { cloudWatchRole: false }),
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: throttle.rate,
        throttlingBurstLimit: throttle.burst,
        // Execution logs would contain whole query strings, including secrets that callers put there by mistake.
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        metricsEnabled: true,
        ...(props.accessLog === undefined ? {} : this.accessLog()),
      },
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
    });
    if (props.accessLog === undefined)
      warn(
        this,
        'NoAccessLog',
        'accessLog is not set, so calls are not logged. Set account-has-role if API Gateway has its CloudWatch role in this account and Region, otherwise make-account-role (docs/api.md)',
      );
    const integration = new LambdaIntegration(this.function, { allowTestInvoke: false });
    const checked = {
      requestParameters: { 'method.request.querystring.Action': true },
      requestValidator: api.addRequestValidator('Parameters', { validateRequestBody: true, validateRequestParameters: true }),
    };
    api.root.addMethod('GET', integration, checked);
    api.root.addResource('admin').addMethod('GET', integration, checked);
    this.restApi = api;
    this.url = api.url;
    this.restApiId = api.restApiId;
    this.stage = api.deploymentStage.stageName;
  }

  private accessLog(): Pick<StageOptions, 'accessLogDestination' | 'accessLogFormat'> {
    // Who saw whose records is evidence.
    const logGroup = new LogGroup(this, 'AccessLog', { retention: RetentionDays.ONE_YEAR, removalPolicy: KEPT });
    return {
      accessLogDestination: new LogGroupLogDestination(logGroup),
      accessLogFormat: AccessLogFormat.custom(
        JSON.stringify({
          requestId: AccessLogField.contextRequestId(),
          time: AccessLogField.contextRequestTimeEpoch(),
          account: AccessLogField.contextCallerAccountId(),
          principal: AccessLogField.contextIdentityUserArn(),
          address: AccessLogField.contextIdentitySourceIp(),
          route: AccessLogField.contextResourcePath(),
          status: AccessLogField.contextStatus(),
          milliseconds: AccessLogField.contextResponseLatency(),
        }),
      ),
    };
  }
}

interface Checked {
  readonly timeZone: string;
  readonly callsPerMinute: number;
  readonly throttle: { readonly rate: number; readonly burst: number };
  readonly columns: readonly string[];
}

function problemsOf({ timeZone, callsPerMinute, throttle, columns }: Checked): string[] {
  const problems: string[] = [];
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    problems.push(`timeZone: got ${JSON.stringify(timeZone)}, expected an IANA name such as Asia/Kolkata`);
  }
  if (!Number.isSafeInteger(callsPerMinute) || callsPerMinute < 1)
    problems.push(`callsPerMinute: got ${callsPerMinute}, expected a whole number of at least 1`);
  if (!(throttle.rate > 0) || !(throttle.burst >= 1))
    problems.push(`throttle: got rate ${throttle.rate} and burst ${throttle.burst}, expected both above 0`);
  if (!columns.includes('flow_direction'))
    problems.push(
      'view: its formats lack flow-direction, so direction_ing is not available. Log a format that has it, such as recommended',
    );
  return problems;
}
