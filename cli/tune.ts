import { type Command, Option } from '@commander-js/extra-typings';
import { humanCount } from '../lib/analysis/human';
import { SEVERITIES, type Severity } from '../lib/analysis/severity';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { SourceError } from '../lib/source/errors';
import { notJudgedLines } from '../lib/finding/not-judged';
import { tune } from '../lib/tune';
import { AWS } from './aws';
import { stdoutColour } from './colours';
import { chooseDetections, neededColumns, ONLY, parametersFor } from './detect';
import { answerOptions, FILE, type RowOptions, ROWS } from './answer-options';
import { interruption } from './interrupt';
import { catalogueOf } from './list';
import { type OptionsOf, withOptions } from './option-group';
import {
  CATALOGUE,
  type CatalogueOptions,
  engineSettings,
  PARAMETERS,
  parseParams,
  QUIET,
  READING,
  SCOPE,
  type ScopeOptions,
  type SourceOptions,
  timeZoneOption,
  wholeNumber,
} from './options';
import { Target } from './output';
import { notice } from './say';
import { withRecords } from './records';
import { openEngine } from './run-query';
import { suppressionsYaml, tunedJson, tunedText } from './tuned';
import { shownIn } from './time';
import { scopeOf, tellTimeless } from './window';

const FORMATS = ['table', 'json', 'suppressions'] as const;

interface TuneOptions extends CatalogueOptions, ScopeOptions, SourceOptions, RowOptions, OptionsOf<typeof ONLY> {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string | undefined;
  readonly days?: number | undefined;
  readonly perWeek: number;
  readonly minSeverity: Severity;
  readonly param?: string[] | undefined;
  readonly suppressions?: string | undefined;
  readonly timeZone: string;
}

const DAY = 86400;
/** How long what is proposed stays silent. */
const SILENT_DAYS = 90;

export function registerTune(program: Command): void {
  const command = program
    .command('tune <source...>')
    .description('replay the last days and propose suppressions and thresholds for detections that report too much')
    .addOption(new Option('--days <n>', 'length of the replay, up to the last record (default: all)').argParser(wholeNumber(1)))
    .addOption(new Option('--per-week <n>', 'acceptable number of incidents per detection and week').argParser(wholeNumber(0)).default(1))
    .addOption(new Option('--min-severity <severity>', 'ignore findings below this severity').choices(SEVERITIES).default('low' as const))
    .option('--suppressions <file>', 'suppressions already in force (YAML, see examples/parts/suppressions.yaml)')
    .addOption(timeZoneOption('UTC'))
    .addHelpText(
      'after',
      `
Nothing is deployed and nothing is changed. For each detection with more incidents than --per-week, it proposes suppressions
for what recurs, and threshold values; it replays the same logs with them and reports what each would also hide. A suppression
or a threshold hides attacks as well: look at the findings first (\`flowlogs explain\`).

Examples:
  flowlogs tune logs/
  flowlogs tune logs/ --days 14 --per-week 2 --profile private --scope subnet=subnet-0abc
  flowlogs tune logs/ -f suppressions -o suppressions.yaml
  flowlogs detect logs/ --suppressions suppressions.yaml
  flowlogs tune logs/ --only port-scan,password-guessing -f json`,
    );
  const answer = answerOptions(FORMATS, FILE);
  withOptions(command, answer, ROWS, CATALOGUE, PARAMETERS, ONLY, SCOPE, READING, engineSettings(), QUIET, AWS).action(runTune);
}

async function runTune(sources: string[], options: TuneOptions): Promise<void> {
  const catalogue = catalogueOf(options);
  const detections = chooseDetections(catalogue, options.only);
  const parameters = parametersFor(detections, options.profile, parseParams(options.param));
  const scope = scopeOf(options);
  const { inForce } = await import('../lib/finding/suppression.js');
  const known = options.suppressions === undefined ? [] : (await import('../lib/config.js')).readSuppressions(options.suppressions);
  let replays = 0;
  const tuned = await withRecords(
    { sources, options, columns: neededColumns(catalogue, detections, scope, parameters) },
    async (records) => {
      const range = await records.range();
      if (range === undefined) throw new SourceError('nothing to replay: none of the records has a start time');
      await tellTimeless(records, 'left out', options.quiet);
      return tune({
        ...{ records, detections, scope, parameters },
        target: { catalogue, engine: await openEngine(records), table: RECORDS_TABLE },
        columns: records.columns.map(({ name }) => name),
        window: { from: options.days === undefined ? range.from : Math.max(range.from, range.to - options.days * DAY), to: range.to },
        goal: { perWeek: options.perWeek, minSeverity: options.minSeverity },
        suppressions: inForce(known, new Date()),
        until: new Date(Date.now() + SILENT_DAYS * DAY * 1000).toISOString().slice(0, 10),
        signal: interruption(),
        onReplay: (ids) => {
          notice(
            `Replaying ${ids.length > 3 ? humanCount(ids.length, 'detection') : ids.join(', ')}${replays++ === 0 ? '' : ' with higher thresholds'} …`,
            options.quiet,
          );
        },
      });
    },
  );
  for (const text of notJudgedLines(tuned.notJudged)) notice(text, options.quiet);
  const target = new Target(options.output, options.quiet);
  if (options.format === 'json') await target.write(`${JSON.stringify(tunedJson(tuned), null, 2)}\n`);
  else if (options.format === 'suppressions') await target.write(await suppressionsYaml(tuned));
  else {
    const width = target.isTerminal ? process.stdout.columns : undefined;
    await target.write(
      await tunedText(tuned, {
        width,
        colour: target.isTerminal && stdoutColour(),
        limit: options.limit,
        shown: shownIn(options.timeZone),
      }),
    );
  }
  await target.end();
}
