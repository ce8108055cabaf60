import { type Command, Option } from 'commander';
import { humanCount } from '../lib/analysis/human';
import { type Role, ROLES } from '../lib/analysis/role';
import { SEVERITIES, type Severity } from '../lib/analysis/severity';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { SourceError } from '../lib/source/errors';
import { tune } from '../lib/tune';
import { stdoutColour } from './colours';
import { chooseDetections, neededColumns, parametersFor } from './detect';
import { interruption } from './interrupt';
import { catalogueOf } from './list';
import {
  type CatalogueOptions,
  catalogueOption,
  type OutputOptions,
  outputOptions,
  paramOption,
  parseParams,
  scopeOption,
  type SourceOptions,
  sourceOptions,
  type WindowOptions,
  wholeNumber,
} from './options';
import { Target } from './output';
import { notice } from './say';
import { withRecords } from './records';
import { openEngine } from './run-query';
import { suppressionsYaml, tunedJson, tunedText } from './tuned';
import { scopeOf } from './window';

type TuneOptions = CatalogueOptions &
  Pick<WindowOptions, 'scope'> &
  SourceOptions &
  Omit<OutputOptions, 'output'> & {
    output: 'table' | 'json' | 'suppressions';
    days?: number;
    perWeek: number;
    minSeverity: Severity;
    only?: string;
    param?: string[];
    profile?: Role;
    suppressions?: string;
  };

const DAY = 86400;
/** How long what is proposed stays silent. */
const SILENT_DAYS = 90;

export function registerTune(program: Command): void {
  const command = program
    .command('tune <source...>')
    .description('replay the last days: which detections would have told how much, and what would make them tell less')
    .addOption(new Option('--days <n>', 'length of the replay up to the last record (default: all)').argParser(wholeNumber(1)))
    .addOption(new Option('--per-week <n>', 'incidents of one detection that may be told a week').argParser(wholeNumber(0)).default(1))
    .addOption(new Option('--min-severity <severity>', 'what is milder counts for nothing').choices([...SEVERITIES]).default('low'))
    .option('--only <ids>', 'only these detections, separated by commas')
    .addOption(new Option('--profile <role>', 'parameter values for a part of the network with that role; see --scope').choices([...ROLES]))
    .option('--suppressions <file>', 'YAML of what is silent already (see examples/parts/suppressions.yaml)')
    .addHelpText(
      'after',
      `
Nothing is deployed and nothing is changed. For each detection that tells more than --per-week allows, it proposes
suppressions for what recurs, and values of its thresholds, with which the same logs are replayed once more; and says what
each would also hide. A suppression or a threshold hides attacks as well: look at what is told first (\`flowlogs explain\`).

Examples:
  flowlogs tune logs/
  flowlogs tune logs/ --days 14 --per-week 2 --profile private --scope subnet=subnet-0abc
  flowlogs tune logs/ --output suppressions > suppressions.yaml
  flowlogs detect logs/ --suppressions suppressions.yaml
  flowlogs tune logs/ --only port-scan,password-guessing --output json`,
    );
  outputOptions(sourceOptions(scopeOption(paramOption(catalogueOption(command)))), ['table', 'json', 'suppressions']).action(runTune);
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
      return tune({
        ...{ records, detections, scope, parameters },
        target: { catalogue, engine: await openEngine(records, { output: 'table' }), table: RECORDS_TABLE },
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
  for (const { detection, reason } of tuned.notRun) notice(`Not run: ${detection} ${reason}.`, options.quiet);
  const target = new Target(options.out);
  if (options.output === 'json') await target.write(`${JSON.stringify(tunedJson(tuned), null, 2)}\n`);
  else if (options.output === 'suppressions') await target.write(await suppressionsYaml(tuned));
  else {
    const width = target.isTerminal ? process.stdout.columns : undefined;
    await target.write(await tunedText(tuned, { width, colour: target.isTerminal && stdoutColour(), limit: options.limit }));
  }
  await target.end();
}
