import { type Command, Option } from '@commander-js/extra-typings';
import { humanBytes, humanNumber } from '../lib/analysis/human';
import { recordsCondition } from '../lib/analysis/render';
import { type Format, NAMED_FORMATS, parseFormat } from '../lib/flow-log/format';
import { LAYOUTS } from '../lib/flow-log/layout';
import type { ObjectStore } from '../lib/source/writer';
import { AWS } from './aws';
import { folder } from './answer-options';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { withOptions } from './option-group';
import { engineSettings, QUIET, READING, TIME } from './options';
import { withRecords } from './records';
import { notice } from './say';
import { tellTimeless, windowOf } from './window';

/** The formats that AWS's versions stand for, and the names of `--format`. */
const V3 = ['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr'];

export function formatFor(text: string): Format | undefined {
  switch (text) {
    case 'parquet':
      return undefined;
    case 'aws-v2':
      return NAMED_FORMATS.default();
    case 'aws-v3':
      return parseFormat([...NAMED_FORMATS.default().names, ...V3].join(' '));
    default:
      return parseFormat(text);
  }
}

/** In the keys. */
const FALLBACK_REGION = 'us-east-1';

export function registerConvert(program: Command): void {
  const command = program
    .command('convert <source...>')
    .description('write flow logs of any source as the objects that AWS delivers, to a folder or S3')
    .requiredOption('-f, --format <format>', "aws-v2, aws-v3, parquet, recommended, field names, or AWS's '${…}' string")
    .addOption(new Option('-o, --output <place>', 'folder or s3://bucket/prefix').argParser(folder).makeOptionMandatory())
    .addOption(new Option('--layout <layout>', 'layout of the object keys').choices(Object.keys(LAYOUTS)).default('plain'))
    .option('--account <id>', 'account ID in the keys, where records have none of AWS', '000000000000')
    .option('--flow-log-id <id>', 'flow log ID in the object names (default: derived from the format)')
    .addHelpText(
      'after',
      `
The same records give the same objects: to continue an interrupted run, run it again. Values that a source lacks are written
as \`-\`. Records that have no Region of AWS get that of --region in their keys, else us-east-1. --from and --to select records by their start.

Examples:
  flowlogs convert ibm_vpc_flowlogs_v1/ -f aws-v2 -o converted/
  flowlogs convert my_vpc_flow_log.txt -f recommended --layout hive-hourly -o s3://my-bucket/flow-logs
  flowlogs convert skydive.json -f aws-v3 -o converted/ && flowlogs describe converted/
  flowlogs convert logs/ -f parquet --from -7d -o lake/`,
    );
  // Half of the usual: as much again is busy compressing.
  withOptions(command, TIME, READING, engineSettings('160MB'), QUIET, AWS).action(async (sources, options) => {
    if (!/^\d{12}$/.test(options.account)) throw new UsageError(`--account ${options.account}: expected 12 digits`);
    const format = formatFor(options.format);
    const layout = LAYOUTS[options.layout];
    if (layout === undefined) throw new UsageError(`--layout ${options.layout}: expected ${Object.keys(LAYOUTS).join(', ')}`);
    const { store, prefix } = await destination(options.output);
    const { flowLogIdFor, writeObjects } = await import('../lib/source/writer.js');
    await withRecords({ sources, options, columns: undefined }, async (records) => {
      const window = options.from === undefined && options.to === undefined ? undefined : await windowOf(options, records);
      if (window !== undefined) await tellTimeless(records, 'left out', options.quiet);
      const show = process.stderr.isTTY && options.quiet !== true;
      const started = performance.now();
      const written = await writeObjects(records, {
        format,
        layout,
        prefix,
        account: options.account,
        region: options.region ?? FALLBACK_REGION,
        flowLogId: options.flowLogId ?? flowLogIdFor(format),
        where: window === undefined || 'last' in window ? undefined : recordsCondition(window, {}),
        store,
        signal: interruption(),
        onPlan: (plan) => warnOfMany(plan, options.output, options.quiet),
        onProgress: ({ records: done, of, objects }) => {
          if (show)
            process.stderr.write(
              `\r\x1b[KWriting ${humanNumber(done)}/${humanNumber(of)} records, ${humanNumber(objects)} objects (${Math.floor((100 * done) / of)}%)${done === of ? '\n' : ''}`,
            );
        },
      });
      const rate = written.records / ((performance.now() - started) / 1000);
      notice(
        `Wrote ${humanNumber(written.records)} records in ${humanNumber(written.objects)} ${written.objects === 1 ? 'object' : 'objects'} (${humanBytes(written.bytes)}) to ${options.output}` +
          `${written.kept > 0 ? `, ${humanNumber(written.kept)} of which existed already` : ''}; ${humanNumber(Math.round(rate))} records a second.`,
        options.quiet,
      );
    });
  });
}

const MANY_OBJECTS = 1000;
const FEW_RECORDS = 100;

/** AWS writes an object every five minutes, however little happened. */
function warnOfMany({ records, objects }: { records: number; objects: number }, place: string, quiet: boolean | undefined): void {
  if (objects < MANY_OBJECTS || records / objects >= FEW_RECORDS) return;
  const requests = place.startsWith('s3://') ? `, each of them a request to S3` : '';
  notice(
    `Warning: ${humanNumber(records)} records become at least ${humanNumber(objects)} objects${requests}, because AWS writes one every five minutes. ` +
      'To stop, press Ctrl-C. Fewer: `flowlogs compact` writes one file an hour, and --from and --to choose a part',
    quiet,
  );
}

async function destination(place: string): Promise<{ store: ObjectStore; prefix: string }> {
  const { BucketStore, FolderStore } = await import('../lib/source/object-store.js');
  if (!place.startsWith('s3://')) return { store: new FolderStore(place), prefix: '' };
  const { parseS3Uri, s3Client } = await import('../lib/source/s3.js');
  const { bucket, prefix } = parseS3Uri(place);
  return { store: new BucketStore(s3Client(), bucket), prefix: prefix.replace(/\/$/, '') };
}
