import { type Format, FormatError, formatOf, parseFormat } from '../flow-log/format';
import { decodedHead, type Examined, HEAD_BYTES } from './decode';
import { FOREIGN_SOURCES, type ForeignSource } from '../flow-log/foreign';
import { isHeader, looksLikeDefaultFormat, tokensOf } from './header';
import { hasExportTimestamp, isBlank, stripExportTimestamp } from './lines';

/** What a file turned out to be, told from its first bytes. */
export type Sniffed =
  | { readonly kind: 'empty' }
  /** `header`: the exact first line, to be skipped; `regular`: nothing before it that needs care. */
  | { readonly kind: 'text'; readonly format: Format; readonly header: string | undefined; readonly regular: boolean }
  | { readonly kind: 'cloudwatch-export'; readonly format: Format; readonly assumed: boolean }
  /** Flow logs of another cloud; `array`: its objects are elements of an array, not lines. */
  | { readonly kind: 'foreign'; readonly source: ForeignSource; readonly array: boolean }
  /** CloudWatch Logs events. */
  | { readonly kind: 'json' }
  /** Text whose header line, if it had one, stood in what is damaged: its lines are counted, but say nothing. */
  | { readonly kind: 'beheaded' }
  | { readonly kind: 'unknown'; readonly why: string; readonly headerless?: true };

/** What the user said of files that do not say it themselves. */
export interface Hints {
  /** Format of text without header line (`--log-format`). */
  readonly headless: Format | undefined;
  /** Whose flow logs they are (`--source-format`); absent: told by content. */
  readonly source: SourceFormat | undefined;
}

export const SOURCE_FORMATS = ['aws', ...FOREIGN_SOURCES] as const;
export type SourceFormat = (typeof SOURCE_FORMATS)[number];

/** Tells a file's kind and format from its head, damaged or not. */
export async function sniff(path: string, hints: Hints): Promise<Sniffed> {
  const head = await decodedHead(path);
  return head.length === 0 ? { kind: 'empty' } : sniffHead(head, hints);
}

/** The same of a file whose damage is known. */
export function sniffExamined({ head, damage }: Examined, hints: Hints): Sniffed {
  if (head.length === 0)
    return damage === undefined ? { kind: 'empty' } : { kind: 'unknown', why: `${damage.reason}, nothing could be read` };
  const sniffed = sniffHead(head, hints);
  return damage !== undefined && sniffed.kind === 'unknown' && sniffed.headerless === true ? { kind: 'beheaded' } : sniffed;
}

/** The same from the first decoded bytes, up to {@link HEAD_BYTES} of them. */
export function sniffHead(head: Buffer, { headless, source }: Hints): Sniffed {
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') {
    return { kind: 'unknown', why: 'a Parquet file whose name does not end in .parquet: rename it' };
  }
  if (head.includes(0) && !head.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) return { kind: 'unknown', why: 'binary content' };
  const text = head.toString('latin1');
  const bom = text.startsWith('\xef\xbb\xbf');
  const body = bom ? text.slice(3) : text;
  const foreign = foreignOf(body, source);
  if (foreign !== undefined) return foreign;
  if (/^\s*[[{]/.test(body)) return { kind: 'json' };
  const lines = body.split('\n');
  const index = lines.findIndex((line) => !isBlank(line));
  const first = lines[index];
  if (first === undefined)
    return head.length < HEAD_BYTES
      ? { kind: 'empty' }
      : { kind: 'unknown', why: `nothing but white space in the first ${HEAD_BYTES} bytes` };
  return sniffLine(first, index === 0 && !bom, headless);
}

/** Keys that only one system's flow logs have. */
const SIGNS: Readonly<Record<ForeignSource, RegExp>> = {
  ibm: /"(?:flow_logs|collector_crn|capture_start_time)"\s*:/,
  jcs: /"(?:DescribeFlowLogResponse|directionIng|sgRuleUuid|nwAceUuid)"\s*:/,
  skydive: /"(?:LayersPath|LastUpdateMetric|TrackingID|NodeTID|ANodeTID)"\s*:/,
};

function foreignOf(body: string, source: SourceFormat | undefined): Sniffed | undefined {
  if (source === 'aws' || body.trim() === '') return undefined;
  const array = /^\s*\[/.test(body);
  if (source !== undefined) return { kind: 'foreign', source, array };
  if (!/^\s*["[{]/.test(body)) return undefined;
  const found = FOREIGN_SOURCES.filter((name) => SIGNS[name].test(body));
  const [only] = found;
  return found.length === 1 && only !== undefined ? { kind: 'foreign', source: only, array } : undefined;
}

function sniffLine(raw: string, atStart: boolean, headless: Format | undefined): Sniffed {
  const line = raw.replace(/\r+$/, '');
  const tokens = tokensOf(stripExportTimestamp(line));
  if (hasExportTimestamp(line) && !isHeader(tokens)) return sniffExport(tokens, headless);
  if (isHeader(tokens)) return sniffHeader(raw, tokens, atStart);
  if (headless !== undefined) return { kind: 'text', format: headless, header: undefined, regular: atStart };
  const hint = looksLikeDefaultFormat(tokens)
    ? 'its values fit the default format: if that is right, add --log-format default'
    : "say --log-format '<fields>'";
  return { kind: 'unknown', why: `no header line: got ${JSON.stringify(line.slice(0, 80))}; ${hint}`, headerless: true };
}

function sniffExport(tokens: string[], headless: Format | undefined): Sniffed {
  if (headless !== undefined) return { kind: 'cloudwatch-export', format: headless, assumed: false };
  if (looksLikeDefaultFormat(tokens)) return { kind: 'cloudwatch-export', format: parseFormat('default'), assumed: true };
  return {
    kind: 'unknown',
    why: "CloudWatch Logs events of a custom format carry no header: say --log-format '<the ${…} string of the flow log>'",
    headerless: true,
  };
}

function sniffHeader(raw: string, tokens: string[], atStart: boolean): Sniffed {
  try {
    const format = formatOf(tokens);
    return { kind: 'text', format, header: raw, regular: atStart && raw === tokens.join(' ') };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'unknown', why: `bad header: ${error.message}` };
  }
}
