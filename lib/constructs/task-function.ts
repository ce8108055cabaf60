import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { packageRoot, packageVersion } from '../package-root';
import { assertNoProblems } from './problems';
import { environmentBytes, QUOTAS } from './quotas';

export interface TaskFunctionProps {
  /** Folder of `lambda/`. */
  readonly task: string;
  readonly description: string;
  /** Text files next to the code, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memoryMiB: number;
  /** Takes the inputs of invocations that failed after the retries. @default - they are dropped */
  readonly onFailure?: IQueue;
}

/** One of our functions: bundled at build, on arm64, with a role that may write its own log and no more. */
export class TaskFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: TaskFunctionProps) {
    super(scope, id);
    assertNoProblems(this, environmentProblems(this, props.environment));
    const logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${props.description} (flow-log-analytics)`,
    });
    role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Resource', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(staged(this, props)),
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      environment: { ...props.environment, POWERTOOLS_LOG_LEVEL: 'INFO' },
      role,
      logGroup,
      loggingFormat: LoggingFormat.TEXT,
    });
    if (props.onFailure !== undefined)
      this.function.configureAsyncInvoke({ onFailure: new SqsDestination(props.onFailure), retryAttempts: 2 });
  }
}

/** Lambda refuses a larger one, at deployment only. */
function environmentProblems(scope: Construct, environment: Readonly<Record<string, string>>): string[] {
  const resolved = Stack.of(scope).resolve(environment) as Record<string, unknown>;
  const bytes = environmentBytes(resolved);
  if (bytes <= QUOTAS.environmentBytes) return [];
  const [largest = ''] = Object.keys(resolved).sort(
    (a, b) => environmentBytes({ [b]: resolved[b] }) - environmentBytes({ [a]: resolved[a] }),
  );
  return [
    `environment: got ${bytes} bytes, expected at most ${QUOTAS.environmentBytes}, the limit of Lambda; the largest variable is ${largest}. Use literal values instead of tokens, or split the stack`,
  ];
}

/** The bundle and its text files in the assembly, which determine the hash of the asset. */
function staged(scope: Construct, { task, files }: TaskFunctionProps): string {
  const bundle = join(packageRoot(), 'dist', 'functions', task, 'index.js');
  if (!existsSync(bundle)) throw new Error(`${bundle}: not built. Run npm run build`);
  const assembly = Stage.of(scope)?.outdir;
  if (assembly === undefined) throw new Error('unreachable: every stack is in an app');
  const folder = join(assembly, 'functions', scope.node.addr);
  mkdirSync(folder, { recursive: true });
  const all: Record<string, string> = {
    ...files,
    'index.js': readFileSync(bundle, 'utf8'),
    'about.json': JSON.stringify({ version: packageVersion() }),
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return folder;
}
