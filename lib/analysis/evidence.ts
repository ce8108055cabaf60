/** Pictures of what a finding was compared with: texts like those of a question, for one key and one window. docs/adr/0045-evidence-is-data.md */
import type { Analysis, Evidence, Partials } from './catalogue';
import type { Value } from './columns';
import { durationSeconds } from './duration';
import { canonicalAddress, canonicalCidr, quote, RenderError } from './literal';
import { type RenderOptions, renderSql } from './render';
import type { Column, PICTURES } from './schema';
import type { Scope } from './scope';

type Picture = (typeof PICTURES)[number];
type PictureColumn = Pick<Column, 'name' | 'type'>;

/** What the rows of a picture are. */
export const PICTURE_COLUMNS: Readonly<Record<Picture, readonly PictureColumn[]>> = {
  columns: [
    { name: 'time', type: 'timestamp' },
    { name: 'value', type: 'number' },
  ],
  lanes: [
    { name: 'time', type: 'timestamp' },
    { name: 'lane', type: 'string' },
    { name: 'outcome', type: 'string' },
    { name: 'value', type: 'number' },
  ],
  bars: [
    { name: 'label', type: 'string' },
    { name: 'value', type: 'number' },
  ],
};

/** What the column `outcome` of lanes may say, the most telling first; NULL draws the value instead. */
export const OUTCOMES = ['answered', 'accepted', 'closed', 'refused', 'unanswered'] as const;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Values of a key's columns, as `keyOf` (lib/finding/finding.ts) wrote them.
 * @throws RenderError naming got and expected
 */
export function keyValues(analysis: Analysis, key: string): Record<string, Value> {
  const names = analysis.finding?.key ?? [];
  const [id, ...parts] = key.split('/');
  if (id !== analysis.id || parts.length !== names.length || parts.includes(''))
    throw new RenderError(`key ${JSON.stringify(key)}: expected ${[analysis.id, ...names].join('/')}, as \`flowlogs detect\` prints it`);
  return Object.fromEntries(
    names.map((name, i): [string, Value] => {
      const text = (parts[i] ?? '').replaceAll('%2F', '/').replaceAll('%25', '%');
      const type = analysis.columns.find((column) => column.name === name)?.type;
      if (text === '-') return [name, null];
      if (type !== 'integer' && type !== 'number') return [name, text];
      if (!Number.isFinite(Number(text)))
        throw new RenderError(`key ${JSON.stringify(key)}: ${name}: expected a number, got ${JSON.stringify(text)}`);
      return [name, Number(text)];
    }),
  );
}

function keySql(value: Value, type: Column['type'] | undefined): string {
  if (value === null) return `CAST(NULL AS ${type === 'integer' ? 'BIGINT' : type === 'number' ? 'DOUBLE' : 'VARCHAR'})`;
  return typeof value === 'string' ? quote(value, 'sql') : String(value);
}

const ADDRESSES = ['srcaddr', 'dstaddr', 'own_address', 'listed_address'];

/** Only records of whom the key names need be read: one address, one network or one interface. */
function narrowed(values: Readonly<Record<string, Value>>, scope: Scope): Pick<RenderOptions, 'scope' | 'address'> {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
  // A subject may be an address or a door, address:port, which looks like an address of IPv6.
  const subject = text('subject');
  const address = [...ADDRESSES.map(text), subject.includes(':') ? '' : subject].find((value) => canonicalAddress(value) === value);
  if (address !== undefined) return { scope, address };
  if (scope.cidr === undefined && canonicalCidr(text('network')) !== undefined) return { scope: { ...scope, cidr: [text('network')] } };
  const eni = text('actor_type') === 'interface' ? text('actor') : text('interface_id');
  if (scope.eni === undefined && /^[A-Za-z0-9]+-[A-Za-z0-9-]{1,60}$/.test(eni)) return { scope: { ...scope, eni: [eni] } };
  return { scope };
}

/** The time that a picture shows of something that was found in `[from, to)`, in seconds. */
export const evidenceWindow = ({ before, after }: Evidence, { from, to }: Span): Span => ({
  from: from - (durationSeconds(before ?? '') ?? 0),
  to: to + (durationSeconds(after ?? '') ?? 0),
});

/** The text of a picture. `window`: of the picture. @throws RenderError */
export function renderEvidence(
  catalogue: Partials,
  analysis: Analysis,
  evidence: Evidence,
  key: string,
  { window, ...options }: RenderOptions & { readonly window: Span },
): string {
  const values = keyValues(analysis, key);
  const typeOf = (name: string) => analysis.columns.find((column) => column.name === name)?.type;
  return renderSql(
    catalogue,
    // The window holds the past already.
    { ...analysis, sql: evidence.sql, lookback: undefined, reach: undefined },
    {
      ...options,
      ...narrowed(values, options.scope ?? {}),
      window,
      partOfText: true,
      values: Object.fromEntries(Object.entries(values).map(([name, value]) => [`key_${name}`, keySql(value, typeOf(name))])),
    },
  );
}
