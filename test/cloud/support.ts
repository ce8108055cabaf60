import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { FileFormat } from '../../lib/flow-log/definition';
import { type Format, formatOf, printHeader, sqlNameOf } from '../../lib/flow-log/format';
import { type Layout, printKey } from '../../lib/flow-log/layout';
import { sqlName, sqlString } from '../../lib/source/duckdb';
import { openRecords } from '../../lib/source/records';

const run = promisify(execFile);

export const s3 = new S3Client({ forcePathStyle: true });

export const ROOT = join(__dirname, '..', '..');

/** Folder of the box that this suite runs in. */
export const BOX_HOME = process.env['BOX_HOME']!;

/** Assemblies of every configuration (scripts/synth.mjs). */
export const SYNTHESISED = join(ROOT, '.box', 'synth');

interface CdkOptions {
  readonly app?: string;
  readonly out: string;
  /** It is expected to fail. */
  readonly fails?: boolean;
  /** Account of another member of the organisation. @default - ours */
  readonly account?: string;
}

const QUICK_POLLS = join(__dirname, 'box', 'quick-polls.cjs');

const inAccount = (account: string | undefined) =>
  account === undefined ? {} : { AWS_ACCESS_KEY_ID: account, AWS_ACCOUNT_ID: account, CDK_DEFAULT_ACCOUNT: account };

/** The real CDK CLI against the box. */
export async function cdk(args: readonly string[], options: CdkOptions): Promise<string> {
  const command = [
    join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
    ...args,
    '--output',
    options.out,
    ...(options.app === undefined ? [] : ['--app', options.app]),
  ];
  try {
    const env = { ...process.env, ...inAccount(options.account), CI: 'true' };
    const { stdout, stderr } = await run(process.execPath, ['--require', QUICK_POLLS, ...command], { cwd: ROOT, maxBuffer: 1 << 26, env });
    return `${stdout}${stderr}`;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    if (options.fails === true) return `${stdout}${stderr}`;
    throw new Error(`cdk ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Deploys and returns the stack's outputs. `direct`: a change set that changes outputs only is refused by the emulator. */
export async function deploy(stack: string, args: readonly string[], options: CdkOptions): Promise<Record<string, string>> {
  const outputs = join(options.out, '..', `${stack}.outputs.json`);
  await cdk(['deploy', '--method=direct', '--require-approval', 'never', '--outputs-file', outputs, ...args], options);
  return (JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>>)[stack] ?? {};
}

/** Asks the emulator for what AWS has not (test/cloud/box/emulator/faults.py). */
export const control = (path: string, method: string, body?: unknown) =>
  fetch(`${process.env['AWS_ENDPOINT_URL'] ?? ''}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

/** The emulator as it was when it started: nothing in any account, but for the bootstrap stack of ours. */
export async function reset(): Promise<void> {
  await control('/_ministack/reset', 'POST');
  await control('/_box/resources', 'DELETE');
  await cdk(['bootstrap', 'aws://000000000000/us-east-1'], {
    app: join(SYNTHESISED, 'us-east-1'),
    out: join(BOX_HOME, 'tmp', 'bootstrap.out'),
  });
}

export interface Delivery {
  readonly bucket: string;
  readonly prefix: string;
  readonly layout: Layout;
  readonly fileFormat: FileFormat;
  readonly account: string;
  readonly region: string;
  /** Seconds between a record's start and the publishing of its object. */
  readonly delay?: number;
  /** Moves every record by so many seconds, to make old samples look new. */
  readonly shift?: number;
  /** Seconds of publishing that one object holds, where objects as such do not matter: Trino spends its time on opening small ones. @default 300, as AWS */
  readonly slot?: number;
}

export interface Object {
  readonly key: string;
  readonly body: Buffer;
}

const SLOT_SECONDS = 300;

/**
 * Objects as AWS's delivery writes them: one per five-minute slot of publishing, keyed by layout, account and Region; text
 * with a header line or Parquet, `-` for what is absent.
 */
async function objectsOf(files: readonly string[], format: Format | undefined, delivery: Delivery, scratch: string): Promise<Object[]> {
  const records = await openRecords(files, { cache: undefined, threads: 2, memory: '300MB', headless: format });
  const objects: Object[] = [];
  try {
    const names = records.formats.map((summary) => summary.format.split(' ').map((name) => name.replace(/[${}]/g, '')));
    const own = formatOf([...new Set(names.flat())]);
    const columns = own.names.map(sqlNameOf);
    const moved = columns.map((name) =>
      name === 'start' || name === 'end' ? `${sqlName(name)} + ${delivery.shift ?? 0} AS ${sqlName(name)}` : sqlName(name),
    );
    const slotSeconds = delivery.slot ?? SLOT_SECONDS;
    const published = `("start" + ${(delivery.shift ?? 0) + (delivery.delay ?? SLOT_SECONDS)}) // ${slotSeconds} * ${slotSeconds}`;
    const slots = await records.db.rows(`SELECT DISTINCT ${published} AS slot FROM flow_records ORDER BY 1`);
    // Partition projection ends at NOW: what is published later is not seen, and before midnight only its folder tells.
    const last = Number(slots.at(-1)?.['slot']);
    if (last * 1000 > Date.now())
      throw new Error(`delivery to ${delivery.prefix} is published in the future: ${new Date(last * 1000).toISOString()}`);
    for (const { slot } of slots) {
      const key = printKey({
        ...delivery,
        flowLogId: 'fl-0123456789abcdef0',
        published: new Date(Number(slot) * 1000),
        hash: randomBytes(4).toString('hex'),
      });
      const select = `SELECT ${moved.join(', ')} FROM flow_records WHERE ${published} = ${String(slot)}`;
      if (delivery.fileFormat === 'parquet') {
        const path = join(scratch, `${randomBytes(6).toString('hex')}.parquet`);
        await records.db.rows(`COPY (${select}) TO ${sqlString(path)} (FORMAT parquet, COMPRESSION gzip)`);
        objects.push({ key, body: readFileSync(path) });
      } else {
        const rows = await records.db.rows(select);
        const lines = rows.map((row) => columns.map((name) => (row[name] as string | null) ?? '-').join(' '));
        objects.push({ key, body: gzipSync(`${printHeader(own)}\n${lines.join('\n')}\n`) });
      }
    }
  } finally {
    await records.close();
  }
  return objects;
}

/** Delivers records of files to a bucket. */
export async function deliver(files: readonly string[], delivery: Delivery, scratch: string, format?: Format): Promise<Object[]> {
  const objects = await objectsOf(files, format, delivery, scratch);
  await Promise.all(objects.map(({ key, body }) => s3.send(new PutObjectCommand({ Bucket: delivery.bucket, Key: key, Body: body }))));
  return objects;
}

/** What the emulator's handlers were asked for. */
export async function received(type: string): Promise<{ id: string; properties: Record<string, unknown> }[]> {
  const answer = await fetch(`${process.env['AWS_ENDPOINT_URL'] ?? ''}/_box/resources`);
  const all = (await answer.json()) as { type: string; id: string; properties: Record<string, unknown> }[];
  return all.filter((resource) => resource.type === type);
}
