/** Labelled captures of other formats to `<out>.log.gz` and `<out>.incidents.json`, for `npm run eval -- --capture`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseFormat } from '../../lib/flow-log/format';
import { writeLog } from '../../lib/synthetic/capture/lines';
import { readArgus } from './argus';
import { readAws } from './aws';
import { captured } from './capture';
import { incidentsOf } from './incidents';
import { ownNetworks } from './own';
import { readZeek } from './zeek';

const HELP = `npm run eval:convert -- zeek|argus|aws FILE --out PATH [options]

  zeek   conn.log as TSV or JSON, with a column label
  argus  CSV with a header of argus' names: CTU-13's .binetflow, ra -c ',', UNSW-NB15
  aws    flow-log text with a header line and a column truth or label

  --out PATH       writes PATH.log.gz and PATH.incidents.json
  --own NETWORKS   whose interfaces are logged, separated by commas (default the private ranges)
  --groups WHAT    closed: what nobody answered was refused at the receiver; open: it was let through (default closed)
  --gap SECONDS    silence after which a source begins another incident (default 3600)
  --least N        labelled flows below which it is none (default 1)`;

const PRIVATE = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fd00::/8';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      own: { type: 'string', default: PRIVATE },
      groups: { type: 'string', default: 'closed' },
      gap: { type: 'string', default: '3600' },
      least: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  const [format, file] = positionals;
  if (values.help) return console.log(HELP);
  if (file === undefined || values.out === undefined) throw new Error(`expected a format, a file and --out\n\n${HELP}`);
  if (values.groups !== 'closed' && values.groups !== 'open') throw new Error(`--groups ${values.groups}: expected closed or open`);
  const name = basename(values.out);
  const options = { gapSeconds: countOf('gap', values.gap), least: countOf('least', values.least) };
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  const log = `${values.out}.log.gz`;
  let incidents;
  if (format === 'aws') {
    const read = readAws(text, file);
    writeFileSync(log, gzipSync(read.text));
    incidents = incidentsOf(read.happenings, name, options);
  } else if (format === 'zeek' || format === 'argus') {
    const flows = [...(format === 'zeek' ? readZeek(text, file) : readArgus(text, file))];
    if (flows.length === 0) throw new Error(`${file}: no flow in it`);
    const { records, happenings } = captured(flows, ownNetworks(values.own), values.groups);
    if (records.length === 0) throw new Error(`${file}: no flow touches ${values.own}; name the own networks with --own`);
    await writeLog(log, records, { format: parseFormat('default'), account: '123456789012', region: 'us-east-1' });
    incidents = incidentsOf(happenings, name, options);
  } else throw new Error(`format ${format}: expected zeek, argus or aws`);
  writeFileSync(`${values.out}.incidents.json`, `${JSON.stringify(incidents, null, 1)}\n`);
  console.log(`${log}, ${incidents.length} incidents.`);
}

function countOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${option} ${text}: expected a whole number`);
  return value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
