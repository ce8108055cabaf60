import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Catalogue } from '../analysis/catalogue';
import { KEPT_DAYS } from '../lake/relations';
import { AnalysisWorkgroup, type AnalysisWorkgroupProps } from './analysis-workgroup';
import { emptyOnArm } from './deletion';
import { FlowLogApi, type FlowLogApiProps } from './flow-log-api';
import type { FlowRecordsView } from './flow-records-view';
import { FlowRelations } from './flow-relations';
import { present } from './present';
import { privateBucket } from './private-bucket';
import { type AnalysisProfile, SavedAnalyses } from './saved-analyses';
import type { Storage } from './storage';

/** The facade's API. */
export type ApiProps = Omit<FlowLogApiProps, 'view' | 'workgroup'>;

/** Where questions run, which are saved, and who else may query. */
export interface QuestionsProps {
  /** Scan limit and results of the workgroup. @default - 100 GiB a query, results kept by Athena */
  readonly workgroup?: AnalysisWorkgroupProps;
  /** Questions to save and detections to run. @default - the analyses that ship with the package */
  readonly catalogue?: Catalogue;
  /** Ids to save. @default - all that fit */
  readonly include?: readonly string[];
  /** Ids that are not saved. @default - none */
  readonly exclude?: readonly string[];
  /** Parts of the network with their own parameter values. @default - none */
  readonly profiles?: readonly AnalysisProfile[];
  /** DescribeFlowLog over HTTPS for principals that IAM lets call it. @default - no API */
  readonly api?: ApiProps;
}

export interface Questions {
  /** Undefined where nothing is in S3. */
  readonly workgroup: AnalysisWorkgroup | undefined;
  /** Made for schedules, over tables whose formats have what relations are made of. */
  readonly relations: FlowRelations | undefined;
  readonly savedAnalyses: readonly SavedAnalyses[];
  readonly api: FlowLogApi | undefined;
}

/** @param scheduled whether schedules run detections */
export function makeQuestions(scope: Construct, props: QuestionsProps, storage: Storage, scheduled: boolean): Questions {
  const { database, records } = storage;
  const workgroup = database === undefined ? undefined : new AnalysisWorkgroup(scope, 'Workgroup', props.workgroup);
  const api =
    props.api === undefined || records === undefined || workgroup === undefined
      ? undefined
      : new FlowLogApi(scope, 'Api', { view: records, workgroup, ...props.api });
  const relations = scheduled && records !== undefined ? makeRelations(scope, records, props.catalogue) : undefined;
  return { workgroup, api, relations, savedAnalyses: save(scope, props, storage, { workgroup, relations }, scheduled) };
}

function makeRelations(
  scope: Construct,
  { database, tables }: FlowRecordsView,
  catalogue: Catalogue | undefined,
): FlowRelations | undefined {
  if (FlowRelations.problemsOf(tables).length > 0) return undefined;
  return new FlowRelations(scope, 'Relations', {
    database,
    tables,
    storage: { bucket: relationsBucket(scope), prefix: 'relations' },
    ...present({ catalogue }),
  });
}

function save(
  scope: Construct,
  { catalogue, include, exclude, profiles }: QuestionsProps,
  { records, logGroups }: Storage,
  { workgroup, relations }: Pick<Questions, 'workgroup' | 'relations'>,
  scheduled: boolean,
): SavedAnalyses[] {
  const common = { scheduled, ...present({ catalogue, include, exclude, profiles }) };
  const [first, ...more] = logGroups.map(({ logGroup, format }) => ({ logGroup, logGroupFormat: format }));
  const athena = records === undefined || workgroup === undefined ? {} : { view: records, workgroup, ...present({ relations }) };
  return [
    ...(records === undefined && first === undefined ? [] : [new SavedAnalyses(scope, 'Analyses', { ...common, ...athena, ...first })]),
    ...more.map((group, i) => new SavedAnalyses(scope, `Analyses${i + 2}`, { ...common, ...group })),
  ];
}

/** As long as detections look back, and a little more. */
function relationsBucket(scope: Construct): IBucket {
  const forget = (id: string, prefix: string, days: number) => ({
    id,
    prefix,
    expiration: Duration.days(days),
    abortIncompleteMultipartUploadAfter: Duration.days(1),
  });
  const bucket = new Bucket(scope, 'RelationsBucket', {
    ...privateBucket(),
    lifecycleRules: [
      forget('Results', 'relations-results/', 1),
      forget('Stages', 'relations-stages/', 1),
      forget('Conversations', 'relations/conversations/', KEPT_DAYS.conversations),
      forget('Hours', 'relations/', KEPT_DAYS.links),
    ],
    // Made again from the flow logs: they go with the stack.
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
  emptyOnArm(scope);
  return bucket as IBucket;
}
