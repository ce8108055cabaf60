import { type Command, Option } from 'commander';
import { humanBytes, humanNumber } from '../lib/analysis/human';
import { recordsCondition } from '../lib/analysis/render';
import { type Format, NAMED_FORMATS, parseFormat } from '../lib/flow-log/format';
import { LAYOUTS } from '../lib/flow-log/layout';
import { isRegion } from '../lib/flow-log/region';
import type { ObjectStore } from '../lib/source/writer';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { type SourceOptions, sourceOptions } from './options';
import { withRecords } from './records';
import { notice } from './say';
import { tellTimeless, windowOf } from './window';

interface ConvertOptions extends SourceOptions {
  to: string;
  dest: string;
  layout: string;
  account: string;
  region: string;
  flowLogId?: string;
  since?: string;
  until?: string;
}

/** The formats that AWS's versions stand for, and the words of `--to`. */
const V3 = ['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr'];

function formatFor(text: string): Format | undefined {
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

export function registerConvert(program: Command): void {
  const command = program
    .command('convert <source...>')
    .description('write flow logs of any source as the objects that AWS would deliver, to a folder or a bucket')
    .requiredOption('--to <format>', "aws-v2, aws-v3, parquet, or any format: recommended, names, or AWS's '${…}' string")
    .requiredOption('--dest <place>', 'folder or s3://bucket/prefix')
    .addOption(new Option('--layout <layout>', 'how the objects are keyed').choices(Object.keys(LAYOUTS)).default('plain'))
    .option('--account <id>', 'account in the keys where records have none of AWS', '000000000000')
    .option('--region <region>', 'Region in the keys where records have none of AWS', 'us-east-1')
    .option('--flow-log-id <id>', 'id in the names of the objects (default: made from the format)')
    .option('--since <time>', 'only records that start at or after it')
    .option('--until <time>', 'only records that start before it')
    .addHelpText(
      'after',
      `
The same records give the same objects: repeat an interrupted run to go on. Values that a source does not know are \`-\`.

Examples:
  flowlogs convert ibm_vpc_flowlogs_v1/ --to aws-v2 --dest converted/
  flowlogs convert my_vpc_flow_log.txt --to recommended --layout hive-hourly --dest s3://my-bucket/flow-logs
  flowlogs convert skydive.json --to aws-v3 --dest converted/ && flowlogs describe converted/
  flowlogs convert logs/ --to parquet --dest lake/`,
    );
  // Half of the usual: as much again is busy compressing.
  sourceOptions(command, '160MB').action(async (sources: string[], options: ConvertOptions) => {
    if (!/^\d{12}$/.test(options.account)) throw new UsageError(`--account ${options.account}: expected 12 digits`);
    if (!isRegion(options.region)) throw new UsageError(`--region ${options.region}: expected a Region such as us-east-1`);
    const format = formatFor(options.to);
    const layout = LAYOUTS[options.layout];
    if (layout === undefined) throw new UsageError(`--layout ${options.layout}: expected ${Object.keys(LAYOUTS).join(', ')}`);
    const { store, prefix } = await destination(options.dest);
    const { flowLogIdFor, writeObjects } = await import('../lib/source/writer.js');
    await withRecords({ sources, options, columns: undefined }, async (records) => {
      const window =
        options.since === undefined && options.until === undefined
          ? undefined
          : await windowOf(
              {
                ...(options.since === undefined ? {} : { from: options.since }),
                ...(options.until === undefined ? {} : { to: options.until }),
              },
              records,
            );
      if (window !== undefined) await tellTimeless(records, 'left out', options.quiet);
      const show = process.stderr.isTTY && options.quiet !== true;
      const started = performance.now();
      const written = await writeObjects(records, {
        format,
        layout,
        prefix,
        account: options.account,
        region: options.region,
        flowLogId: options.flowLogId ?? flowLogIdFor(format),
        where: window === undefined || 'last' in window ? undefined : recordsCondition(window, {}),
        store,
        signal: interruption(),
        onProgress: ({ records: done, of, objects }) => {
          if (show)
            process.stderr.write(
              `\r\x1b[KWriting ${humanNumber(done)}/${humanNumber(of)} records, ${humanNumber(objects)} objects (${Math.floor((100 * done) / of)}%)${done === of ? '\n' : ''}`,
            );
        },
      });
      const rate = written.records / ((performance.now() - started) / 1000);
      notice(
        `Wrote ${humanNumber(written.records)} records in ${humanNumber(written.objects)} ${written.objects === 1 ? 'object' : 'objects'} (${humanBytes(written.bytes)}) to ${options.dest}` +
          `${written.kept > 0 ? `, ${humanNumber(written.kept)} of which stood there already` : ''}; ${humanNumber(Math.round(rate))} records a second.`,
        options.quiet,
      );
    });
  });
}

async function destination(dest: string): Promise<{ store: ObjectStore; prefix: string }> {
  const { BucketStore, FolderStore } = await import('../lib/source/object-store.js');
  if (!dest.startsWith('s3://')) return { store: new FolderStore(dest), prefix: '' };
  const { parseS3Uri, s3Client } = await import('../lib/source/s3.js');
  const { bucket, prefix } = parseS3Uri(dest);
  return { store: new BucketStore(s3Client(), bucket), prefix: prefix.replace(/\/$/, '') };
}
