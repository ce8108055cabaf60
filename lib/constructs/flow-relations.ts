import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { Catalogue } from '../analysis/catalogue';
import { RELATIONS, type RelationTables } from '../analysis/relations';
import { recordColumns } from '../analysis/view';
import { LEDGER_KEY, TEMPORARY_PREFIX } from '../lake/names';
import { KEPT_COLUMNS, keptSql, keptTable, keptTables, RELATIONS_REQUIRE } from '../lake/relations';
import type { Places, RelationsFile } from '../lake/settings';
import { encryptionOf } from './analysis-workgroup';
import type { IFlowLogDatabase } from './flow-log-database';
import { type IFlowLogTable, viewedTable } from './flow-log-table';
import type { LakeStorage } from './flow-records-view';
import { FunctionSchedules } from './function-schedules';
import { hourTable, lakeTable } from './hour-table';
import { foldersOf, listingMemory } from './listing-memory';
import { withoutLateValues } from './late-values';
import { grantObjects } from './object-grants';
import { assertNoProblems } from './problems';
import { stackMetric, SUM, WORST } from './run-metric';
import { TaskFunction } from './task-function';

export interface FlowRelationsProps {
  /** Database of their tables. */
  readonly database: IFlowLogDatabase;
  /** Those of the view that detections read. */
  readonly tables: readonly IFlowLogTable[];
  /** Where the files lie. The bucket should forget old ones: no detection reads conversations of more than a day, or the rest of more than fifteen. */
  readonly storage: LakeStorage;
  /** How long before the first run the past begins, as far as there are objects. @default 15 days, as far as detections look back */
  readonly history?: Duration;
  /** How far back late objects are looked for. @default 24 hours */
  readonly recheck?: Duration;
  /** Whose SQL makes the relations. @default - the catalogue that ships with the package */
  readonly catalogue?: Catalogue;
}

/** Relations that detections read instead of records. */
export interface IFlowRelations extends IConstruct {
  /** As queries read them. */
  readonly tables: RelationTables;
  /** Athena workgroup of queries that make tables. */
  readonly workGroupName: string;
  /** Where the files of tables lie that are made for one query. */
  readonly stagesLocation: string;
  /** The tables and their files. */
  grantRead(grantee: IGrantable): Grant;
  /** Making tables for as long as a query over the relations runs (lib/lake/staged-engine.ts). */
  grantStages(grantee: IGrantable): void;
  /** Hours of records that were built into relations. */
  metricHoursMade(options?: MetricOptions): Metric;
  /** Hours that could not be built. */
  metricHoursFailed(options?: MetricOptions): Metric;
  /** 1 for each run that left relations which detections can read, 0 for others: missing where none ran. */
  metricKept(options?: MetricOptions): Metric;
}

export interface FlowRelationsAttributes {
  /** Name of the stack that builds them: it names the workgroup and the metrics. */
  readonly stackName: string;
  /** Database of their tables. */
  readonly database: IFlowLogDatabase;
  /** Where the files lie. */
  readonly storage: LakeStorage;
}

abstract class RelationsBase extends Construct implements IFlowRelations {
  readonly tables: RelationTables;
  readonly workGroupName: string;
  readonly stagesLocation: string;
  private readonly attributes: FlowRelationsAttributes;

  constructor(scope: Construct, id: string, attributes: FlowRelationsAttributes) {
    super(scope, id);
    this.attributes = attributes;
    const { stackName, database, storage } = attributes;
    this.tables = keptTables(database.databaseName);
    this.workGroupName = `${stackName}-relations`;
    this.stagesLocation = storage.bucket.s3UrlForObject(`${storage.prefix}-stages`);
  }

  grantRead(grantee: IGrantable): Grant {
    const { database, storage } = this.attributes;
    return database.grantReadTable(grantee, ...RELATIONS.map(keptTable)).combine(grantObjects(grantee, storage));
  }

  grantStages(grantee: IGrantable): void {
    const { storage } = this.attributes;
    this.grantTables(grantee);
    grantObjects(grantee, { bucket: storage.bucket, prefix: `${storage.prefix}-stages`, write: true });
  }

  /** Queries that make tables, which go again. */
  protected grantTables(grantee: IGrantable): void {
    const { database, storage } = this.attributes;
    const allow = (actions: string[], resourceArns: string[]) => Grant.addToPrincipal({ grantee, actions, resourceArns });
    grantObjects(grantee, { bucket: storage.bucket, prefix: `${storage.prefix}-results`, write: true });
    allow(
      [
        'athena:StartQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:StopQueryExecution',
        'athena:GetWorkGroup',
      ],
      [Stack.of(this).formatArn({ service: 'athena', resource: 'workgroup', resourceName: this.workGroupName })],
    );
    allow(
      ['glue:GetTable', 'glue:GetTables', 'glue:CreateTable', 'glue:DeleteTable', 'glue:GetPartitions'],
      database.tableArns(`${TEMPORARY_PREFIX}*`),
    );
  }

  metricHoursMade(options?: MetricOptions): Metric {
    return stackMetric(this.attributes.stackName, 'relationsMade', SUM, options);
  }

  metricHoursFailed(options?: MetricOptions): Metric {
    return stackMetric(this.attributes.stackName, 'relationsFailed', WORST, options);
  }

  metricKept(options?: MetricOptions): Metric {
    return stackMetric(this.attributes.stackName, 'relationsKept', WORST, options);
  }
}

class ImportedRelations extends RelationsBase {}

/** More than an hour of flow logs has anywhere. */
const SCAN_LIMIT = Size.tebibytes(1);
/** As long as a function may run: it begins with two weeks. */
const TIMEOUT = Duration.minutes(14);
/** A few minutes before the schedules of detections, which begin six minutes after a quarter at the earliest. */
const EXPRESSION = 'cron(2/15 * * * ? *)';

/**
 * Relations that detections read instead of records: connections and their outcomes, in narrow tables, built once for each
 * record however many detections there are. docs/conversations.md
 */
export class FlowRelations extends RelationsBase {
  /** Relations that another stack builds. */
  static fromAttributes(scope: Construct, id: string, attributes: FlowRelationsAttributes): IFlowRelations {
    return new ImportedRelations(scope, id, attributes);
  }

  /** Builds the relations. */
  readonly function: LambdaFunction;
  /** Which hours are built. */
  readonly ledger: Table;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FlowRelationsProps,
  ) {
    super(scope, id, { ...props, stackName: Stack.of(scope).stackName });
    assertNoProblems(this, FlowRelations.problemsOf(props.tables));
    const { database, storage } = props;
    const stack = Stack.of(this);
    for (const name of RELATIONS)
      hourTable(this, `Table-${name}`, {
        database,
        tableName: keptTable(name),
        description: `Relation that detections read instead of records: ${name.replaceAll('_', ' ')} by hours of delivery`,
        columns: KEPT_COLUMNS[name],
        location: `s3://${storage.bucket.bucketName}/${storage.prefix}/${name}/`,
      });
    this.ledger = new Table(this, 'Ledger', {
      partitionKey: { name: LEDGER_KEY, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // What it says is found out again by making all hours once more.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not enforced: only then can a query set the location of its table. https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html
    new CfnWorkGroup(this, 'Workgroup', {
      name: this.workGroupName,
      description: 'Relations of flow logs (flow-log-analytics)',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: false,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: SCAN_LIMIT.toBytes(),
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: storage.bucket.s3UrlForObject(`${storage.prefix}-results/`),
          // What a query writes has the encryption that its workgroup names, whatever the bucket's default is.
          encryptionConfiguration: encryptionOf(storage.bucket.encryptionKey),
        },
      },
    });
    const places = withoutLateValues(this.places());
    this.function = new TaskFunction(this, 'Function', {
      task: 'keep-relations',
      description: 'Builds the relations that detections read',
      files: { 'relations.json': JSON.stringify(this.file()), 'places.json': places.text },
      environment: {
        STACK: stack.stackName,
        WORKGROUP: this.workGroupName,
        LEDGER: this.ledger.tableName,
        BUCKET: storage.bucket.bucketName,
        LATE: stack.toJsonString(places.tokens),
        FIRST_HOURS: String((props.history ?? Duration.days(15)).toHours()),
        RECHECK_HOURS: String((props.recheck ?? Duration.hours(24)).toHours()),
      },
      timeout: TIMEOUT,
      memoryMiB: listingMemory(512, props.tables.map(foldersOf)),
    }).function;
    this.grant();
    new FunctionSchedules(this, 'Schedules', { function: this.function }).add('Keep', {
      description: 'Builds the relations that detections read',
      expression: EXPRESSION,
      retries: 1,
      maxAgeSeconds: 600,
    });
  }

  /** Why relations cannot be kept of tables; empty where they can. */
  static problemsOf(tables: readonly IFlowLogTable[]): string[] {
    const columns = recordColumns(tables.map(viewedTable)).map(({ name }) => name);
    const missing = RELATIONS_REQUIRE.filter((name) => !columns.includes(name));
    return missing.length === 0
      ? []
      : [`tables: got formats without ${missing.join(', ')}, expected those of relations: ${RELATIONS_REQUIRE.join(', ')}`];
  }

  private places(): Places {
    return this.props.tables.map(({ bucket, accounts, regions }) => ({
      bucket: bucket.bucketName,
      accounts: [...accounts],
      regions: [...regions],
    }));
  }

  private file(): RelationsFile {
    const { database, tables, storage } = this.props;
    const catalogue = this.props.catalogue ?? new Catalogue();
    const columns = recordColumns(tables.map(viewedTable)).map(({ name }) => name);
    const text = (name: (typeof RELATIONS)[number]) => keptSql(catalogue, name, columns);
    return {
      database: database.databaseName,
      prefix: storage.prefix,
      tables: tables.map(lakeTable),
      relations: {
        conversations: text('conversations'),
        links: text('links'),
        attempts: text('attempts'),
        interface_hours: text('interface_hours'),
      },
    };
  }

  private grant(): void {
    const { database, tables, storage } = this.props;
    const grantee = this.function;
    const allow = (actions: string[], resources: string[]) =>
      grantee.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    for (const table of tables) table.grantRead(grantee);
    this.grantRead(grantee);
    grantObjects(grantee, { ...storage, write: true });
    this.grantTables(grantee);
    allow(['s3:DeleteObject'], [storage.bucket.arnForObjects(`${storage.prefix}/*`)]);
    const kept = RELATIONS.map(keptTable);
    allow(['glue:CreatePartition', 'glue:BatchUpdatePartition', 'glue:UpdatePartition', 'glue:UpdateTable'], database.tableArns(...kept));
    allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [this.ledger.tableArn]);
  }
}
