import { createWriteStream, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { DELIVERY_SLACK_SECONDS, parseKey, partitionFolders } from '../flow-log/layout';
import { SourceError } from './errors';
import { localPath } from './local-path';
import { inParallel } from '../parallel';
import type { Progress } from './records';

export interface FetchOptions {
  /** Window in Unix seconds; only partitions that can hold it are listed. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Cache folder; undefined fetches to a temporary folder. */
  readonly cache: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface S3Object {
  readonly key: string;
  readonly size: number;
  readonly modified: Date;
}

const DOWNLOADS_AT_ONCE = 16;
const LISTINGS_AT_ONCE = 8;

/** `s3://bucket/prefix`. @throws SourceError naming got and expected */
export function parseS3Uri(uri: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(uri);
  if (match?.[1] === undefined) throw new SourceError(`${uri}: expected s3://bucket or s3://bucket/prefix`);
  return { bucket: match[1], prefix: match[2] ?? '' };
}

/**
 * Requirements of S3-compatible services: the bucket in the path, no checksums of AWS's own (Google Cloud Storage and older
 * MinIO refuse their trailers), and any Region where none is configured.
 * https://cloud.google.com/storage/docs/interoperability
 */
const COMPATIBLE: S3ClientConfig = {
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  region: () => new S3Client({}).config.region().catch(() => 'us-east-1'),
};

/** As the AWS CLI takes it. */
function endpoint(): string | undefined {
  const found = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return found === '' ? undefined : found;
}

/** Region, profile, credentials and AWS_ENDPOINT_URL come from the environment and ~/.aws, as in the AWS CLI. */
export function s3Client(): S3Client {
  return new S3Client({ maxAttempts: 5, ...(endpoint() === undefined ? {} : COMPATIBLE) });
}

/**
 * Fetches the objects of `s3://` sources and leaves other sources as they are. Objects already in the cache with the
 * same size and time are not fetched again, so a broken fetch goes on where it stopped.
 * @throws SourceError when a bucket cannot be read or nothing is there
 */
export async function fetchS3(
  sources: readonly string[],
  options: FetchOptions,
): Promise<{ paths: string[]; remove: () => Promise<void> }> {
  const s3 = s3Client();
  const temporary = options.cache === undefined ? await fs.mkdtemp(join(tmpdir(), 'flowlogs-s3-')) : undefined;
  const root = temporary ?? join(options.cache ?? '', 's3');
  const remove = async () => {
    s3.destroy();
    if (temporary !== undefined) await fs.rm(temporary, { recursive: true, force: true });
  };
  try {
    const paths: string[] = [];
    for (const source of sources) {
      if (!source.startsWith('s3://')) paths.push(source);
      else paths.push(...(await fetchSource(s3, source, root, options)));
    }
    return { paths, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function fetchSource(s3: S3Client, uri: string, root: string, options: FetchOptions): Promise<string[]> {
  const { bucket, prefix } = parseS3Uri(uri);
  const objects = await listObjects(s3, bucket, prefix, options).catch((error: unknown) => {
    throw explain(uri, error);
  });
  if (objects.length === 0) {
    const window = options.from === undefined && options.to === undefined ? '' : ' in the partitions of --from/--to';
    throw new SourceError(
      `${uri}: no flow-log objects${window}. Expected keys such as AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/…`,
    );
  }
  const progress = { filesDone: 0, files: objects.length, bytesDone: 0, bytes: objects.reduce((sum, { size }) => sum + size, 0) };
  // A bucket of the same name elsewhere is another one.
  const folder = join(endpoint() === undefined ? root : localPath(root, `at-${endpoint() ?? ''}`.replaceAll('/', '-')), bucket);
  return inParallel(objects, DOWNLOADS_AT_ONCE, async (object) => {
    const path = await download(s3, bucket, object, folder, options.signal).catch((error: unknown) => {
      throw explain(`s3://${bucket}/${object.key}`, error);
    });
    progress.filesDone++;
    progress.bytesDone += object.size;
    options.onProgress?.({ ...progress });
    return path;
  });
}

function explain(what: string, error: unknown): unknown {
  const { name, message } = error as Error;
  if (name === 'AbortError' || error instanceof SourceError) return error;
  const hint = name === 'CredentialsProviderError' ? '. Set AWS_PROFILE, or log in with `aws sso login`' : '';
  return new SourceError(`${what}: ${name}: ${message}${hint}`, { cause: error });
}

/**
 * Objects below a prefix. With a start bound, only the days that can hold the window are listed (an hourly layout is
 * below its day, so all four layouts are found), and of those only what was published in time is returned.
 */
export async function listObjects(
  s3: S3Client,
  bucket: string,
  prefix: string,
  window: Pick<FetchOptions, 'from' | 'to' | 'signal'>,
): Promise<S3Object[]> {
  const roots = window.from === undefined ? [] : await findRoots(s3, bucket, prefix, window.signal);
  if (roots.length === 0) return inWindow(await list(s3, bucket, prefix, window.signal), window);
  const to = window.to ?? Math.floor(Date.now() / 1000);
  const days = roots.flatMap(({ base, account, region, hive }) =>
    partitionFolders({ account, region, layout: { hive, hourly: false } }, window.from ?? 0, to).map((folder) => `${base}${folder}`),
  );
  const found = await inParallel(days, LISTINGS_AT_ONCE, (day) => list(s3, bucket, day, window.signal));
  return inWindow(found.flat(), window);
}

/** An object holds records that started before it was published, and at most the delivery slack before. */
function inWindow(objects: readonly S3Object[], { from, to }: Pick<FetchOptions, 'from' | 'to'>): S3Object[] {
  return objects.filter(({ key }) => {
    const published = parseKey(key)?.published.getTime();
    if (published === undefined) return true;
    const minute = published / 1000;
    return (from === undefined || minute + 60 > from) && (to === undefined || minute <= to + DELIVERY_SLACK_SECONDS);
  });
}

interface Root {
  /** Prefix before `AWSLogs/`, with its slash. */
  readonly base: string;
  readonly account: string;
  readonly region: string;
  readonly hive: boolean;
}

/**
 * Accounts and Regions below a prefix, found folder by folder. Empty if the prefix points below a Region or there is no
 * AWS layout: then everything below it is listed.
 */
async function findRoots(s3: S3Client, bucket: string, prefix: string, signal: AbortSignal): Promise<Root[]> {
  const at = prefix.indexOf('AWSLogs/');
  const base = at === -1 ? prefix.replace(/([^/])$/, '$1/') : prefix.slice(0, at);
  const wanted =
    at === -1
      ? []
      : prefix
          .slice(at + 'AWSLogs/'.length)
          .split('/')
          .filter((part) => part !== '');
  if (wanted.length > 3) return [];
  const roots: Root[] = [];
  for (const account of matching(await folders(s3, bucket, `${base}AWSLogs/`, signal), wanted[0])) {
    const hive = account.startsWith('aws-account-id=');
    const service = hive ? 'aws-service=vpcflowlogs' : 'vpcflowlogs';
    for (const region of matching(await folders(s3, bucket, `${base}AWSLogs/${account}/${service}/`, signal), wanted[2])) {
      roots.push({ base, account: account.replace('aws-account-id=', ''), region: region.replace('aws-region=', ''), hive });
    }
  }
  return roots;
}

const matching = (names: readonly string[], wanted: string | undefined) =>
  wanted === undefined ? names : names.filter((name) => name === wanted);

async function folders(s3: S3Client, bucket: string, prefix: string, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }), {
      abortSignal: signal,
    });
    for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) names.push(Prefix.slice(prefix.length, -1));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return names;
}

async function list(s3: S3Client, bucket: string, prefix: string, signal: AbortSignal): Promise<S3Object[]> {
  const objects: S3Object[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }), {
      abortSignal: signal,
    });
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key !== undefined && !Key.endsWith('/')) objects.push({ key: Key, size: Size ?? 0, modified: LastModified ?? new Date(0) });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return objects;
}

/** Size and time of change identify an object that was fetched before, so that an interrupted fetch resumes. */
async function download(
  s3: S3Client,
  bucket: string,
  { key, size, modified }: S3Object,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const path = localPath(folder, key);
  const there = await fs.stat(path).catch(() => undefined);
  if (there?.size === size && Math.abs(there.mtimeMs - modified.getTime()) < 1000) return path;
  await fs.mkdir(dirname(path), { recursive: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  const draft = `${path}.partial`;
  await pipeline(Body as Readable, createWriteStream(draft), { signal });
  await fs.utimes(draft, modified, modified);
  await fs.rename(draft, path);
  return path;
}
