import { Tags } from 'aws-cdk-lib';
import { CfnFlowLog, type FlowLogMaxAggregationInterval } from 'aws-cdk-lib/aws-ec2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import {
  defaultFormatName,
  definitionPrefix,
  definitionProblems,
  type FileFormat,
  type Recording,
  scopeKind,
  type Traffic,
} from '../flow-log/definition';
import { UNTIL_FIELDS } from '../analysis/view';
import { findField } from '../flow-log/fields';
import { type Format, NAMED_FORMATS, parseFormat, printFormat } from '../flow-log/format';
import type { Layout } from '../flow-log/layout';
import { CoreNetworkFlowLog } from './core-network-flow-log';
import type { BoundDestination, FlowLogDestination } from './flow-log-destination';
import type { FlowLogScope } from './flow-log-scope';
import { kebabCase } from './names';
import { assertNoProblems, warn } from './problems';

/** Tags whose values are recorded. */
export interface TagFieldSpecification {
  /** `instance`, `network-interface` or `auto-scaling-group`, as EC2 spells it. */
  readonly resourceType: string;
  /** One or two tag keys; the fields `…-tag` and `…-tag-2` hold their values. */
  readonly tagKeys: string[];
}

export interface FlowLogDefinitionProps {
  /** What is logged. */
  readonly scope: FlowLogScope;
  /** Where the records are delivered. */
  readonly destination: FlowLogDestination;
  /** Not for transit gateways and Cloud WAN. @default 'ALL' */
  readonly traffic?: Traffic;
  /** `default`, `recommended`, `all`, `transit-gateway`, field names, or AWS's `${…}` string. @default 'recommended', or 'transit-gateway' */
  readonly format?: string;
  /** How long a record covers. @default TEN_MINUTES, as AWS; transit gateways have ONE_MINUTE, and so do Nitro interfaces whatever is said */
  readonly maxAggregationInterval?: FlowLogMaxAggregationInterval;
  /** Tag keys for the tag fields of version 11. The deployer needs ec2:DescribeTags, and iam:CreateServiceLinkedRole once. @default - none */
  readonly tagFieldSpecifications?: TagFieldSpecification[];
  /** What this definition was before, oldest first: its objects stay readable. @default - none */
  readonly retiredFormats?: RetiredFormat[];
  /** Tags of the flow log. @default - none but the stack's */
  readonly tags?: Record<string, string>;
}

/** What a definition was before AWS replaced its flow log, and where its objects lie. */
export interface RetiredFormat {
  /** Format of its records, as in {@link FlowLogDefinitionProps.format}. */
  readonly format: string;
  /** What was recorded. @default - that of the definition now */
  readonly traffic?: Traffic;
  /** How long a record covered. @default - that of the definition now */
  readonly maxAggregationInterval?: FlowLogMaxAggregationInterval;
  /** Its tag fields. @default - those of the definition now */
  readonly tagFieldSpecifications?: TagFieldSpecification[];
  /**
   * When the flow log was replaced. For some minutes old and new write the same records: those of the old one that end later are
   * left out. @default - all are read, and these minutes count twice
   */
  readonly until?: Date;
  /** `parquet` or `text`. @default - that of the destination now */
  readonly fileFormat?: FileFormat;
  /** Whether its folders were `aws-account-id=…/year=…`. @default - that of the destination now */
  readonly hiveCompatiblePartitions?: boolean;
  /** Whether it had a folder per hour. @default - that of the destination now */
  readonly perHourPartition?: boolean;
  /** Folder of its objects. @default - the folder that this definition had with that format and layout */
  readonly prefix?: string;
}

/** A flow log. */
export interface IFlowLogDefinition extends IConstruct {
  /** `fl-…` */
  readonly flowLogId: string;
}

class ImportedDefinition extends Construct implements IFlowLogDefinition {
  constructor(
    scope: Construct,
    id: string,
    readonly flowLogId: string,
  ) {
    super(scope, id);
  }
}

/** Objects of one format under one prefix. */
export interface LogLocation {
  /** Fields of the records, in the order of the columns. */
  readonly format: Format;
  /** Folder before `AWSLogs/`, without slashes at its ends; '' for none. */
  readonly prefix: string;
  /** `parquet` or `text`. */
  readonly fileFormat: FileFormat;
  /** How the keys of objects are made. */
  readonly layout: Layout;
  /** Records that end later are left out. @default - none */
  readonly until?: Date | undefined;
}

/**
 * One flow log. Immutable in AWS: a changed property makes a new one, whose objects have a folder of their own.
 */
export class FlowLogDefinition extends Construct implements IFlowLogDefinition {
  /** A flow log of this account and Region. */
  static fromFlowLogId(scope: Construct, id: string, flowLogId: string): IFlowLogDefinition {
    return new ImportedDefinition(scope, id, flowLogId);
  }

  readonly flowLogId: string;
  /** Fields of the records. */
  readonly format: Format;
  /** What is logged. */
  readonly scope: FlowLogScope;
  /** Undefined for transit gateways and Cloud WAN, which have no such choice. */
  readonly traffic: Traffic | undefined;
  /** Where the records go. */
  readonly destination: BoundDestination;
  /** Objects in S3: the current format, then the retired ones; empty for other destinations. */
  readonly locations: readonly LogLocation[];
  /** Undefined for other destinations than CloudWatch Logs. */
  readonly logGroup: ILogGroup | undefined;

  constructor(scope: Construct, id: string, props: FlowLogDefinitionProps) {
    super(scope, id);
    this.scope = props.scope;
    this.format = props.format === undefined ? NAMED_FORMATS[defaultFormatName(props.scope.kind)]() : parseFormat(props.format);
    const transit = scopeKind(props.scope.kind).records === 'transit-gateway';
    this.traffic = props.traffic ?? (transit ? undefined : 'ALL');
    assertNoProblems(this, [
      ...definitionProblems({
        scope: props.scope.kind,
        traffic: props.traffic,
        format: this.format,
        aggregationSeconds: props.maxAggregationInterval,
        tagFields: props.tagFieldSpecifications ?? [],
      }),
      ...props.destination.problems(),
    ]);
    this.warnAboutFields();

    const name = kebabCase(id);
    const recording: Recording = {
      traffic: this.traffic,
      aggregationSeconds: transit ? undefined : props.maxAggregationInterval,
      tagFields: props.tagFieldSpecifications,
    };
    this.destination = props.destination._bind(this, (fileFormat, layout) =>
      definitionPrefix(name, this.format, fileFormat, layout, recording),
    );
    const tags = { Name: this.node.path, ...props.tags };
    const common = {
      resourceId: props.scope.resourceId,
      resourceType: props.scope.resourceType,
      logFormat: printFormat(this.format),
      ...this.destination.properties,
    };
    if (scopeKind(props.scope.kind).onlyApi === true) {
      if (props.format === undefined) this.warnAboutCoreNetwork();
      const made = new CoreNetworkFlowLog(this, 'Resource', { ...common, destinationOptions: this.destination.destinationOptions, tags });
      for (const dependency of this.destination.dependencies) made.node.addDependency(dependency);
      this.flowLogId = made.flowLogId;
    } else {
      const flowLog = new CfnFlowLog(this, 'Resource', {
        ...common,
        ...(this.traffic === undefined ? {} : { trafficType: this.traffic }),
        maxAggregationInterval: props.maxAggregationInterval ?? (transit ? 60 : 600),
        ...(props.tagFieldSpecifications === undefined ? {} : { tagFieldSpecifications: props.tagFieldSpecifications }),
      });
      if (this.destination.destinationOptions !== undefined)
        flowLog.addPropertyOverride('DestinationOptions', this.destination.destinationOptions);
      for (const dependency of this.destination.dependencies) flowLog.node.addDependency(dependency);
      for (const [key, value] of Object.entries(tags)) Tags.of(flowLog).add(key, value);
      this.flowLogId = flowLog.attrId;
    }
    this.logGroup = this.destination.logGroup;
    this.locations = locationsOf(this, name, recording, props.retiredFormats ?? []);
  }

  private warnAboutCoreNetwork(): void {
    warn(
      this,
      'CoreNetworkFields',
      'format: the fields of a transit gateway are used; those of Cloud WAN are not verified. Compare them with https://docs.aws.amazon.com/network-manager/latest/cloudwan/cwan-flow-logs.html and set format',
    );
  }

  /** Fields that stay empty without permissions that are often forgotten. */
  private warnAboutFields(): void {
    const needy = this.format.names.filter((name) => (findField(name)?.permissions.length ?? 0) > 0);
    if (needy.length === 0) return;
    const rights = [...new Set(needy.flatMap((name) => findField(name)?.permissions ?? []))];
    warn(this, 'FieldPermissions', `${needy.join(', ')}: empty unless the deployer may call ${rights.join(', ')} (docs/fields.md)`);
  }
}

function locationsOf(definition: FlowLogDefinition, name: string, now: Recording, retired: readonly RetiredFormat[]): LogLocation[] {
  const s3 = definition.destination.s3;
  if (s3 === undefined) {
    assertNoProblems(definition, retired.length > 0 ? ['retiredFormats: got formats, but only objects in S3 have a table. Remove it'] : []);
    return [];
  }
  const current = { format: definition.format, prefix: s3.prefix, fileFormat: s3.fileFormat, layout: s3.layout };
  const earlier = retired.map((old) => {
    const format = parseFormat(old.format);
    const fileFormat = old.fileFormat ?? s3.fileFormat;
    const layout = { hive: old.hiveCompatiblePartitions ?? s3.layout.hive, hourly: old.perHourPartition ?? s3.layout.hourly };
    const recording: Recording = {
      traffic: old.traffic ?? now.traffic,
      aggregationSeconds: old.maxAggregationInterval ?? now.aggregationSeconds,
      tagFields: old.tagFieldSpecifications ?? now.tagFields,
    };
    const prefix = old.prefix ?? definitionPrefix(name, format, fileFormat, layout, recording);
    return { format, fileFormat, layout, prefix, until: old.until };
  });
  const open = earlier.filter(({ until }) => until === undefined).map(({ prefix }) => prefix);
  if (open.length > 0)
    warn(
      definition,
      'CountedTwice',
      `retiredFormats without until (${open.join(', ')}): while the old and the new flow log both wrote, records count twice. Set until to the time when the new one was deployed`,
    );
  assertNoProblems(
    definition,
    earlier
      .filter(({ until, format }) => until !== undefined && !UNTIL_FIELDS.some((field) => format.names.includes(field)))
      .map(({ prefix }) => `retiredFormats: got until for ${prefix}, whose records have neither end nor start. Remove until`),
  );
  const prefixes = [current, ...earlier].map(({ prefix }) => prefix);
  const twice = prefixes.find((prefix, i) => prefixes.indexOf(prefix) !== i);
  assertNoProblems(
    definition,
    twice === undefined
      ? []
      : [
          `retiredFormats: got the folder ${JSON.stringify(twice)} twice, expected one folder per format: a table cannot hold two column orders`,
        ],
  );
  return [current, ...earlier];
}
