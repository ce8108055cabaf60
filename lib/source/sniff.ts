import { type Format, FormatError, formatOf, parseFormat } from '../flow-log/format';
import { FOREIGN_SOURCES, type ForeignSource } from '../flow-log/foreign';
import { binaryOf } from './binary';
import { withoutMarks } from './bytes';
import { decodedHead, type Examined, HEAD_BYTES } from './decode';
import { csvForm } from './events/csv';
import { isEventText } from './events/text';
import { sourceOf, textSource } from './foreign/registry';
import { isHeader, looksLikeDefaultFormat, tokensOf } from './header';
import { hasExportTimestamp, isBlank, stripExportTimestamp } from './lines';
import type { Elsewhere } from './unit-result';
import { isParquetHead, wrappingOf } from './wrapping/told';

/** Kind of a file, detected from its first bytes. */
export type Sniffed =
  | { readonly kind: 'empty' }
  /** `header`: the exact first line, to be skipped; `regular`: nothing before it that needs care. */
  | { readonly kind: 'text'; readonly format: Format; readonly header: string | undefined; readonly regular: boolean }
  | { readonly kind: 'cloudwatch-export'; readonly format: Format; readonly assumed: boolean }
  /** Flow logs of another system. */
  | { readonly kind: 'foreign'; readonly source: ForeignSource }
  /** What AWS's own plumbing carries flow logs in. */
  | { readonly kind: 'events'; readonly form: 'json' | 'messages' | 'rows' | 'text' }
  /** Not read as text. */
  | { readonly kind: 'elsewhere'; readonly as: Elsewhere['as'] }
  /** Text whose header line, if it had one, stood in what is damaged: its lines are counted, but say nothing. */
  | { readonly kind: 'beheaded' }
  | { readonly kind: 'unknown'; readonly why: string; readonly headerless?: true };

/** What the user said of files that do not say it themselves. */
export interface Hints {
  /** Format of text without header line (`--log-format`). */
  readonly headless: Format | undefined;
  /** Vendor format (`--source-format`); default: auto-detect. */
  readonly source: SourceFormat | undefined;
}

export const SOURCE_FORMATS = ['aws', ...FOREIGN_SOURCES] as const;
export type SourceFormat = (typeof SOURCE_FORMATS)[number];

/** Detects the kind and format of a file from its head, damaged or not. */
export async function sniff(path: string, hints: Hints): Promise<Sniffed> {
  const head = await decodedHead(path);
  return head.length === 0 ? { kind: 'empty' } : sniffHead(head, hints);
}

/** The same of a file whose damage is known. */
export function sniffExamined({ head, damage }: Examined, hints: Hints): Sniffed {
  if (head.length === 0)
    return damage === undefined ? { kind: 'empty' } : { kind: 'unknown', why: `${damage.reason}, no data could be read` };
  const sniffed = sniffHead(head, hints);
  return damage !== undefined && sniffed.kind === 'unknown' && sniffed.headerless === true ? { kind: 'beheaded' } : sniffed;
}

/** The same from the first decoded bytes, up to {@link HEAD_BYTES} of them. */
export function sniffHead(head: Buffer, { headless, source }: Hints): Sniffed {
  const wrapping = wrappingOf(head);
  if (wrapping !== undefined) return { kind: 'elsewhere', as: wrapping };
  if (isParquetHead(head)) return { kind: 'elsewhere', as: 'parquet' };
  const text = head.toString('latin1');
  const binary = binaryOf(text);
  if (binary !== undefined) return { kind: 'unknown', why: binary };
  const body = withoutMarks(text);
  const bom = body !== text;
  const foreign = foreignOf(body, source);
  if (foreign !== undefined) return foreign;
  if (/^\s*(?:[[{]|"2 )/.test(body)) return { kind: 'events', form: 'json' };
  const lines = body.split('\n');
  const index = lines.findIndex((line) => !isBlank(line));
  const first = lines[index];
  if (first === undefined)
    return head.length < HEAD_BYTES ? { kind: 'empty' } : { kind: 'unknown', why: `only white space in the first ${HEAD_BYTES} bytes` };
  return sniffLine(first, index === 0 && !bom, headless);
}

function foreignOf(body: string, source: SourceFormat | undefined): Sniffed | undefined {
  if (source === 'aws' || body.trim() === '') return undefined;
  if (source === undefined) {
    const found = sourceOf(body);
    return found === undefined ? undefined : { kind: 'foreign', source: found };
  }
  return textSource(source) === undefined
    ? { kind: 'unknown', why: `text, but --source-format ${source} is Parquet` }
    : { kind: 'foreign', source };
}

function sniffLine(raw: string, atStart: boolean, headless: Format | undefined): Sniffed {
  const line = raw.replace(/\r+$/, '');
  const tokens = tokensOf(stripExportTimestamp(line));
  if (isHeader(tokens)) return sniffHeader(raw, tokens, atStart);
  const csv = csvForm(line);
  if (csv !== undefined) return { kind: 'events', form: csv };
  if (hasExportTimestamp(line) && isExport(tokens, headless)) return sniffExport(tokens, headless);
  if (isEventText(line, headless)) return { kind: 'events', form: 'text' };
  if (hasExportTimestamp(line)) return sniffExport(tokens, headless);
  if (headless !== undefined) return { kind: 'text', format: headless, header: undefined, regular: atStart };
  const hint = looksLikeDefaultFormat(tokens)
    ? 'its values match the default format: if that is correct, add --log-format default'
    : "say --log-format '<fields>'";
  return { kind: 'unknown', why: `no header line: got ${JSON.stringify(line.slice(0, 80))}; ${hint}`, headerless: true };
}

const isExport = (tokens: string[], headless: Format | undefined): boolean =>
  headless === undefined ? looksLikeDefaultFormat(tokens) : tokens.length === headless.names.length;

function sniffExport(tokens: string[], headless: Format | undefined): Sniffed {
  if (headless !== undefined) return { kind: 'cloudwatch-export', format: headless, assumed: false };
  if (looksLikeDefaultFormat(tokens)) return { kind: 'cloudwatch-export', format: parseFormat('default'), assumed: true };
  return {
    kind: 'unknown',
    why: "CloudWatch Logs events of a custom format have no header: set --log-format '<the ${…} string of the flow log>'",
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
