import { Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnPreparedStatement } from 'aws-cdk-lib/aws-athena';
import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Analysis, Catalogue } from '../analysis/catalogue';
import type { ParameterValue } from '../analysis/literal';
import { exampleParameters, renderInsights, renderPrepared, renderSql } from '../analysis/render';
import { profileParameters, type ProfileValues } from '../analysis/role';
import { missingFields, missingScopeFields } from '../analysis/requirements';
import type { Scope } from '../analysis/scope';
import { type Format, sqlNameOf } from '../flow-log/format';
import type { IAnalysisWorkgroup } from './analysis-workgroup';
import type { IFlowRelations } from './flow-relations';
import type { IFlowRecordsView } from './flow-records-view';
import { assertNoProblems, warn } from './problems';

/** A part of the network with its own idea of what is normal: its questions are saved a second time. */
export interface AnalysisProfile extends ProfileValues {
  /** Folder name, such as `public`. */
  readonly name: string;
  /** `vpc=…`, `subnet=…`, `eni=…` or `cidr=…`; several values with commas. */
  readonly scope: Scope;
}

/** What analyses read, and which of them. */
export interface AnalysisTargetProps {
  /** Questions to choose from. @default - the analyses that ship with the package */
  readonly catalogue?: Catalogue;
  /** Athena: what to read. @default - nothing in Athena */
  readonly view?: IFlowRecordsView;
  /** Athena: where to run. @default - nothing in Athena */
  readonly workgroup?: IAnalysisWorkgroup;
  /** Logs Insights: this log group. @default - nothing in Logs Insights */
  readonly logGroup?: ILogGroup;
  /** Format of the records in the log group. @default - nothing in Logs Insights */
  readonly logGroupFormat?: Format;
  /** Ids; an analysis named here must fit. @default - every analysis that does */
  readonly include?: readonly string[];
  /** Ids. @default - none */
  readonly exclude?: readonly string[];
  /** Parts of the network with their own idea of what is normal. @default - none */
  readonly profiles?: readonly AnalysisProfile[];
}

/** Halves of a target, or none. */
export function targetProblems({ view, workgroup, logGroup, logGroupFormat }: AnalysisTargetProps, lacking: string): string[] {
  const problems: string[] = [];
  if ((view === undefined) !== (workgroup === undefined))
    problems.push('view and workgroup: got one, expected both: the data to read and the workgroup to run in');
  if ((logGroup === undefined) !== (logGroupFormat === undefined))
    problems.push('logGroup and logGroupFormat: got one, expected both: Insights needs the format to parse records');
  if (view === undefined && logGroup === undefined) problems.push(`view, logGroup: got neither, expected at least one: ${lacking}`);
  return problems;
}

export interface SavedAnalysesProps extends AnalysisTargetProps {
  /** Of the view's tables: detections read them instead of records. @default - none */
  readonly relations?: IFlowRelations | undefined;
  /** Schedules run the detections of profiles: those are not saved, since each run's text stays in Athena's history, and a stack has its limits. @default false */
  readonly scheduled?: boolean;
}

interface Saved {
  readonly analysis: Analysis;
  /** `reports/top-talkers`, `detections/public/rejection-spike`. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly scope: Scope;
}

const MAX_QUERY_BYTES = 262_144;

/** The catalogue as Athena named queries and prepared statements, and as Logs Insights queries, in folders by kind. */
export class SavedAnalyses extends Construct {
  /** Ids saved to Athena. */
  readonly athena: readonly string[];
  /** Ids saved to Logs Insights. */
  readonly insights: readonly string[];
  /** Named query of each name. */
  readonly namedQueries: ReadonlyMap<string, CfnNamedQuery>;
  private readonly catalogue: Catalogue;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SavedAnalysesProps,
  ) {
    super(scope, id);
    this.catalogue = props.catalogue ?? new Catalogue();
    assertNoProblems(this, this.problemsOf(props));
    const chosen = (props.include ?? this.catalogue.ids())
      .filter((name) => props.exclude?.includes(name) !== true)
      .map((name) => this.catalogue.get(name));
    const namedQueries = new Map<string, CfnNamedQuery>();
    const { view, workgroup, logGroup, logGroupFormat } = props;
    const athena = view === undefined ? [] : chosen.filter((analysis) => missingFields(analysis, {}, view.columns).length === 0);
    this.warnOfProfiles(props);
    if (view !== undefined && workgroup !== undefined) {
      for (const saved of savedAs(athena, props, view.columns)) namedQueries.set(saved.name, this.saveToAthena(saved, view, workgroup));
      for (const analysis of athena) this.prepare(analysis, view, workgroup);
    }
    const fields = logGroupFormat?.names.map(sqlNameOf) ?? [];
    const insights =
      logGroup === undefined ? [] : chosen.filter((a) => a.insights !== undefined && missingFields(a, {}, fields).length === 0);
    if (logGroup !== undefined && logGroupFormat !== undefined) {
      for (const saved of savedAs(insights, props, fields)) this.saveToInsights(saved, logGroup, logGroupFormat);
    }
    this.athena = athena.map((analysis) => analysis.id);
    this.insights = insights.map((analysis) => analysis.id);
    this.namedQueries = namedQueries;
  }

  private problemsOf(props: SavedAnalysesProps): string[] {
    const { view, logGroupFormat } = props;
    const problems = targetProblems(props, 'the analyses have no data to read');
    for (const id of [...(props.include ?? []), ...(props.exclude ?? [])]) this.catalogue.get(id);
    const columns = new Set([...(view?.columns ?? []), ...(logGroupFormat?.names.map(sqlNameOf) ?? [])]);
    for (const id of props.include ?? []) {
      const analysis = this.catalogue.get(id);
      const lacking = missingFields(analysis, {}, [...columns]);
      if (lacking.length > 0)
        problems.push(`include: ${id} needs ${lacking.join(', ')}, which the format lacks. Log a format that has them, or remove it`);
      if (view === undefined && analysis.insights === undefined)
        problems.push(
          `include: ${id} has no Logs Insights query (${analysis.engines?.insights ?? ''}) and there is no table. Deliver to S3 too, or remove it`,
        );
    }
    for (const profile of props.profiles ?? []) {
      if (!/^[a-z][a-z0-9-]{0,31}$/.test(profile.name))
        problems.push(`profiles: got the name ${JSON.stringify(profile.name)}, expected lower-case letters, digits and -`);
      const lacking = missingScopeFields(profile.scope, [...columns]);
      if (lacking.length > 0)
        problems.push(
          `profiles.${profile.name}.scope: needs ${lacking.join(', ')}, which the format lacks. Log a format that has them, or scope by eni or cidr`,
        );
      for (const [id, values] of Object.entries(profile.parameters)) {
        const known = Object.keys(this.catalogue.get(id).parameters);
        for (const name of Object.keys(values))
          if (!known.includes(name))
            problems.push(
              `profiles.${profile.name}: ${id} has no parameter ${JSON.stringify(name)}; expected ${known.join(', ') || 'none'}`,
            );
      }
    }
    return problems;
  }

  /** A profile's scope may need a field that the table has and the log group lacks, or the other way round. */
  private warnOfProfiles({ view, logGroupFormat, profiles = [] }: SavedAnalysesProps): void {
    const places = [
      ...(view === undefined ? [] : [{ place: 'Athena', columns: view.columns }]),
      ...(logGroupFormat === undefined ? [] : [{ place: 'Logs Insights', columns: logGroupFormat.names.map(sqlNameOf) }]),
    ];
    for (const profile of profiles)
      for (const { place, columns } of places) {
        const lacking = missingScopeFields(profile.scope, columns);
        if (lacking.length > 0)
          warn(
            this,
            'ProfileNotSaved',
            `profile ${profile.name} is not saved to ${place}: it needs ${lacking.join(', ')}, which the format lacks there`,
          );
      }
  }

  private saveToAthena({ analysis, name, parameters, scope }: Saved, view: IFlowRecordsView, workgroup: IAnalysisWorkgroup): CfnNamedQuery {
    const sql = renderSql(this.catalogue, analysis, {
      ...this.reading(analysis, view),
      parameters: { ...exampleParameters(analysis), ...parameters },
      scope,
    });
    const queryString = `-- ${analysis.title}. ${oneLine(analysis.summary)}\n${sql}`;
    assertNoProblems(
      this,
      Buffer.byteLength(queryString) > MAX_QUERY_BYTES
        ? [`${analysis.id}: its query has ${Buffer.byteLength(queryString)} bytes, the limit of Athena is ${MAX_QUERY_BYTES}`]
        : [],
    );
    const query = new CfnNamedQuery(this, `Athena-${name}`, {
      name,
      description: oneLine(`${analysis.title}. ${analysis.summary}`).slice(0, 1024),
      database: view.database.databaseName,
      workGroup: workgroup.workGroupName,
      queryString,
    });
    query.node.addDependency(workgroup);
    return query;
  }

  /** Questions that need a value are prepared statements too: `EXECUTE traffic_from_address USING '203.0.113.9'`. */
  private prepare(analysis: Analysis, view: IFlowRecordsView, workgroup: IAnalysisWorkgroup): void {
    const { sql, parameters } = renderPrepared(this.catalogue, analysis, this.reading(analysis, view));
    if (parameters.length === 0) return;
    const statement = new CfnPreparedStatement(this, `Prepared-${analysis.id}`, {
      statementName: analysis.id.replaceAll('-', '_'),
      description: oneLine(`${analysis.title}. USING ${parameters.join(', ')}`).slice(0, 1024),
      workGroup: workgroup.workGroupName,
      queryStatement: sql,
    });
    statement.node.addDependency(workgroup);
  }

  private reading(analysis: Analysis, view: IFlowRecordsView) {
    return {
      window: { last: analysis.window },
      table: view.qualifiedName,
      partitions: view.partitions,
      columns: new Set(view.columns),
      relations: this.props.relations?.tables,
    };
  }

  private saveToInsights({ analysis, name, parameters, scope }: Saved, logGroup: ILogGroup, format: Format): void {
    new CfnQueryDefinition(this, `Insights-${name}`, {
      name: `${Stack.of(this).stackName}/${name}`,
      logGroupNames: [logGroup.logGroupName],
      queryString: renderInsights(this.catalogue, analysis, {
        parameters: { ...exampleParameters(analysis), ...parameters },
        scope,
        format,
      }),
    });
  }
}

/** Each analysis once, and once more for every profile that gives it parameters. */
function savedAs(analyses: readonly Analysis[], { profiles = [], scheduled }: SavedAnalysesProps, columns: readonly string[]): Saved[] {
  const own = analyses.map((analysis) => ({ analysis, name: `${analysis.kind}s/${analysis.id}`, parameters: {}, scope: {} }));
  const ofProfiles = profiles.flatMap((profile) =>
    analyses
      .filter(({ kind }) => (scheduled !== true || kind !== 'detection') && missingScopeFields(profile.scope, columns).length === 0)
      .flatMap((analysis) => {
        const parameters = profileParameters(profile, analysis);
        return parameters === undefined
          ? []
          : [{ analysis, name: `${analysis.kind}s/${profile.name}/${analysis.id}`, parameters, scope: profile.scope }];
      }),
  );
  return [...own, ...ofProfiles];
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
