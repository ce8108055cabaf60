/**
 * CloudWatch Logs events in JSON, as AWS's own plumbing writes them: output of `aws logs filter-log-events`, `get-log-events` and
 * `get-query-results`, any number of pages; subscription payloads, one after the other as Firehose delivers them; `{"message": …}` lines;
 * events of Lambda, Kinesis and Firehose with such a payload in base64; rows of `UNLOAD … WITH (format = 'JSON')`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
import { gunzipSync } from 'node:zlib';
import { shown } from '../bytes';
import { type FileReader, itemReader } from '../foreign/reader';
import { at, type Json, listOf, objectOf } from '../foreign/values';
import { type JsonItem, JsonItems, readItem } from '../json-items';
import { MAX_SAMPLE } from '../lines';
import { compressionOfBytes } from '../magic';
import { type Events, namesRecords } from './events';

/** Arrays of events, of payloads, of rows. */
const ARRAYS: ReadonlySet<string> = new Set(['events', 'logEvents', 'Records', 'records', 'results']);

/** A payload of Kinesis is at most 10 MiB as it is sent; this is what it may unpack to. */
const MAX_PAYLOAD = 256 * 1024 * 1024;
/** A payload within a payload within the file. */
const MAX_DEPTH = 3;
/** Characters of something wrong that a message shows. */
const MAX_SHOWN = 100;

const EXPECTED = 'expected {"message": "2 123456789012 eni-… "} as `aws logs filter-log-events` prints it';

export function jsonEvents(events: Events): FileReader {
  return itemReader(new JsonEvents(events), events);
}

class JsonEvents {
  private count = 0;
  private readonly items: JsonItems;

  constructor(private readonly events: Events) {
    this.items = this.itemsOf(0);
  }

  push(text: string): void {
    this.items.push(text);
  }

  gap(): void {
    this.items.gap();
  }

  end(): void {
    this.items.end();
  }

  private itemsOf(depth: number): JsonItems {
    return new JsonItems(
      { arrays: ARRAYS, strings: true },
      (item) => this.take(item, depth),
      ({ text, line }, reason) => this.events.stranger(shown(text.slice(0, MAX_SAMPLE)), line, `line ${line}: not valid JSON: ${reason}`),
    );
  }

  private take({ text, header }: JsonItem, depth: number): void {
    const number = ++this.count;
    const item = readItem(text);
    const { raw } = item;
    if ('reason' in item) return this.events.stranger(raw, number, `event ${number}: not valid JSON: ${item.reason}`);
    const { value } = item;
    if (CONTROL.test(header)) return this.events.control();
    if (typeof value === 'string') return this.events.message(value, number);
    const fields = Array.isArray(value) ? rowOf(listOf(value)) : objectOf(value);
    const message = fields['message'] ?? fields['@message'];
    if (typeof message === 'string') return this.events.message(message, number);
    const payload = payloadOf(fields);
    if (payload !== undefined) return this.payload(payload, number, depth);
    if (namesRecords(Object.keys(fields)))
      return this.events.row(Object.keys(fields), Object.values(fields).map(scalar), { text: raw, line: number });
    this.events.stranger(raw, number, `event ${number}: ${EXPECTED}, got ${raw.slice(0, MAX_SHOWN)}`);
  }

  private payload(base64: string, number: number, depth: number): void {
    let text: string;
    try {
      text = unpacked(bytesOf(base64), depth);
    } catch (error) {
      return this.events.stranger(base64, number, `event ${number}: payload in base64: ${(error as Error).message}`);
    }
    if (/^\s*[[{"]/.test(text)) {
      const inner = this.itemsOf(depth + 1);
      inner.push(text);
      inner.end();
    } else if (/[^\t\n\r -~]/.test(text)) {
      this.events.stranger(base64, number, `event ${number}: payload in base64 is neither text nor gzip`);
    } else for (const line of text.split('\n')) if (line.trim() !== '') this.events.message(line, number);
  }
}

/** @throws Error for what is not base64, where a decoder would skip signs, or holds nothing */
function bytesOf(base64: string): Buffer {
  const signs = base64.replace(/\s+/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(signs) || signs === '')
    throw new Error(`not base64: ${signs === '' ? 'it is empty' : 'it has characters or a length that base64 does not allow'}`);
  return Buffer.from(signs, 'base64');
}

const CONTROL = /"messageType"\s*:\s*"CONTROL_MESSAGE"/;

/** One character a byte. @throws Error for a payload that is damaged or too deep */
function unpacked(bytes: Buffer, depth: number): string {
  if (depth >= MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} nested payloads`);
  if (compressionOfBytes(bytes) === 'none') return bytes.toString('latin1');
  const inner = gunzipSync(bytes, { maxOutputLength: MAX_PAYLOAD });
  return compressionOfBytes(inner) === 'none' ? inner.toString('latin1') : unpacked(inner, depth + 1);
}

/** `{"awslogs": {"data"}}` of Lambda, `{"kinesis": {"data"}}` of a stream's Lambda, `{"Data"}` of get-records, `{"data"}` of Firehose. */
function payloadOf(fields: Json): string | undefined {
  const data = at(fields, 'awslogs', 'data') ?? at(fields, 'kinesis', 'data') ?? fields['Data'] ?? fields['data'];
  return typeof data === 'string' && data !== '' ? data : undefined;
}

/** A row of a Logs Insights answer: `[{"field": "@message", "value": "2 …"}, …]`. */
const rowOf = (cells: readonly unknown[]): Json =>
  Object.fromEntries(
    cells.flatMap((cell): [string, unknown][] => {
      const { field, value } = objectOf(cell);
      return typeof field === 'string' && field !== '@ptr' ? [[field, value]] : [];
    }),
  );

/** A value that a column can hold; what is nested stays JSON. */
function scalar(value: unknown): string | number | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
