/** Parts of docs/deploy.md that templates say; scripts/docs.mjs puts them there. */
import { dirname } from 'node:path';
import { OBJECT_ACTIONS } from '../../lib/constructs/object-grants';
import { largestUses, share, usesOf } from './quotas';
import { type Template, templatesIn } from './template';

interface Kept {
  /** Of the logical id. */
  readonly id: RegExp;
  readonly what: string;
  readonly because: string;
  /** Deletes it once it is not wanted any more. */
  readonly command: string;
}

const rb = (name: string) => `aws s3 rb s3://${name} --force`;

/** What outlives a stack, and why. A retained resource that is not here fails the generation. */
const KEPT: readonly Kept[] = [
  { id: /^AnalyticsBucket[0-9A-F]{8}$/, what: 'bucket of the logs', because: 'your data', command: rb('BUCKET') },
  {
    id: /^AnalyticsBucketKey/,
    what: 'its key, where customerManagedKey is set',
    because: 'without it the logs cannot be read; $1 a month',
    command: 'aws kms schedule-key-deletion --key-id KEY',
  },
  {
    id: /LogGroup[0-9A-F]{8}$/,
    what: 'log group of a definition',
    because: 'your data',
    command: 'aws logs delete-log-group --log-group-name GROUP',
  },
  {
    id: /^AnalyticsLakeBucket/,
    what: 'bucket of the lake',
    because: 'once raw objects expired it is all there is',
    command: rb('BUCKET'),
  },
  {
    id: /^AnalyticsLakeLedger/,
    what: 'ledger of the lake',
    because: 'says which files of the lake hold which hour',
    command: 'aws dynamodb delete-table --table-name TABLE',
  },
  { id: /^AnalyticsDailyReportBucket/, what: 'bucket of daily reports', because: 'your data', command: rb('BUCKET') },
  {
    id: /^AnalyticsApiAccessLog/,
    what: 'access log of the API',
    because: 'who saw whose records is evidence',
    command: 'aws logs delete-log-group --log-group-name GROUP',
  },
  {
    id: /^AnalyticsApi(CloudWatchRole|Account)/,
    what: 'API Gateway’s role in the account, where accessLog made it',
    because: 'every API of the account and Region may use it by now',
    command: 'aws apigateway update-account --patch-operations op=remove,path=/cloudwatchRoleArn',
  },
];

function keptTable(templates: readonly Template[]): string {
  const rows = new Map<Kept, Set<string>>();
  for (const { stack, Resources } of templates)
    for (const [id, { Type, DeletionPolicy = '' }] of Object.entries(Resources)) {
      if (!DeletionPolicy.startsWith('Retain')) continue;
      const kept = KEPT.find((one) => one.id.test(id));
      if (kept === undefined) throw new Error(`${stack}: ${id} (${Type}) outlives the stack: say why in ${dirname(__filename)}/docs.ts`);
      rows.set(kept, (rows.get(kept) ?? new Set()).add(stack));
    }
  const unused = KEPT.filter((kept) => !rows.has(kept));
  if (unused.length > 0) throw new Error(`${unused.map(({ what }) => what).join(', ')}: no template keeps it any more`);
  return [
    '| what stays | because | to delete it |',
    '| --- | --- | --- |',
    ...KEPT.map(({ what, because, command }) => `| ${what} | ${because} | \`${command}\` |`),
  ].join('\n');
}

function quotaTable(templates: readonly Template[]): string {
  const number = (value: number) => value.toLocaleString('en');
  // To two digits: what changes with every word of a query is not to be reviewed.
  const rounded = (value: number) => number(Number(value.toPrecision(2)));
  return [
    '| quota | limit | largest | share | in the stack |',
    '| --- | ---: | ---: | ---: | --- |',
    ...largestUses(usesOf(templates)).map((use) => {
      const { quota, stack, value } = use;
      return `| [${quota.name}](${quota.source}) | ${number(quota.limit)} | ${rounded(value)} | ${Math.round(100 * share(use))} % | ${stack} |`;
    }),
  ].join('\n');
}

/** What the owner of a bucket in another account lets our account do: the other half of what our roles are granted. */
function readingStatements(): string {
  const { read, list, locate, decrypt } = OBJECT_ACTIONS;
  const [Effect, Principal] = ['Allow', { AWS: 'arn:aws:iam::ACCOUNT:root' }];
  const ofBucket = [
    { Sid: 'ReadFlowLogs', Effect, Principal, Action: read, Resource: 'arn:aws:s3:::BUCKET/PREFIX/*' },
    {
      Sid: 'ListFlowLogs',
      Effect,
      Principal,
      Action: list,
      Resource: 'arn:aws:s3:::BUCKET',
      Condition: { StringLike: { 's3:prefix': ['PREFIX', 'PREFIX/*'] } },
    },
    { Sid: 'LocateFlowLogs', Effect, Principal, Action: locate, Resource: 'arn:aws:s3:::BUCKET' },
  ];
  const ofKey = [{ Sid: 'DecryptFlowLogs', Effect, Principal, Action: decrypt, Resource: '*' }];
  const fenced = (statements: unknown) => `\`\`\`json\n${JSON.stringify(statements)}\n\`\`\``;
  return `${fenced(ofBucket)}\n\nand to its key, if it has one:\n\n${fenced(ofKey)}`;
}

/** Texts by mark, of the templates of an assembly. */
export function templateDocs(folder: string): Record<'reading' | 'kept' | 'quotas', string> {
  const templates = templatesIn(folder);
  return { reading: readingStatements(), kept: keptTable(templates), quotas: quotaTable(templates) };
}
