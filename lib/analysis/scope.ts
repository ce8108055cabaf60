import { findField } from '../flow-log/fields';
import { portNumbers, protocolNumber } from '../flow-log/names';
import { conditionFields, conditionSql } from './condition';
import { canonicalCidr, type Language, quote, RenderError } from './literal';

/** Restricts a run to parts of the traffic; values of one kind are alternatives, kinds restrict each other. */
export type Scope = Readonly<Partial<Record<ScopeKind, readonly string[] | undefined>>> & {
  /** Parts that are left out. */
  readonly except?: readonly Scope[] | undefined;
  /** SQL conditions on one record (lib/analysis/condition.ts). */
  readonly where?: readonly string[] | undefined;
};

type ValueType = 'id' | 'network' | 'port' | 'protocol' | 'action' | 'direction';

interface Kind {
  /** AWS's names of the fields that it reads: any of them may match. */
  readonly fields: readonly string[];
  readonly type: ValueType;
}

/** What a scope may name; the order is that of the printed text. */
const KINDS = {
  vpc: { fields: ['vpc-id'], type: 'id' },
  subnet: { fields: ['subnet-id'], type: 'id' },
  eni: { fields: ['interface-id'], type: 'id' },
  cidr: { fields: ['srcaddr', 'dstaddr'], type: 'network' },
  src: { fields: ['srcaddr'], type: 'network' },
  dst: { fields: ['dstaddr'], type: 'network' },
  port: { fields: ['srcport', 'dstport'], type: 'port' },
  srcport: { fields: ['srcport'], type: 'port' },
  dstport: { fields: ['dstport'], type: 'port' },
  protocol: { fields: ['protocol'], type: 'protocol' },
  action: { fields: ['action'], type: 'action' },
  direction: { fields: ['flow-direction'], type: 'direction' },
} as const satisfies Record<string, Kind>;

export type ScopeKind = keyof typeof KINDS;
export const SCOPE_KINDS = Object.keys(KINDS) as ScopeKind[];

const isKind = (text: string): text is ScopeKind => Object.hasOwn(KINDS, text);

const EXPECTED =
  'expected vpc=ID, subnet=ID, eni=ID, cidr=NETWORK, src=NETWORK, dst=NETWORK, port=PORT, srcport=PORT, dstport=PORT, ' +
  'protocol=NAME, action=ACCEPT or direction=ingress, with a leading ! to exclude it';

/** A part of a scope in text: a list of values of one kind, or a group in parentheses. */
type Part = { readonly kind: ScopeKind; readonly values: string[]; readonly excluded: boolean } | { readonly group: Scope };

/**
 * Reads `vpc=vpc-0abc`, `src=10.0.0.0/8,192.168.0.0/16`, `port=ssh`, …. A `!` before a list leaves the whole list out, one before a value
 * leaves this value out: `src=10.0.0.0/8,!10.1.0.0/16`. Several kinds may follow each other, separated by commas; `!(…)` leaves out what
 * all of them name. @throws RenderError naming got and expected
 */
export function parseScope(texts: readonly string[]): Scope {
  const scope: Partial<Record<ScopeKind, string[]>> = {};
  const except: Scope[] = [];
  for (const part of texts.flatMap(partsOf)) {
    if ('group' in part) except.push(part.group);
    else if (part.excluded) except.push({ [part.kind]: part.values });
    else (scope[part.kind] ??= []).push(...part.values);
  }
  return except.length === 0 ? scope : { ...scope, except };
}

function partsOf(text: string): Part[] {
  const fail = (): never => {
    throw new RenderError(`scope ${JSON.stringify(text)}: ${EXPECTED}`);
  };
  const parts: Part[] = [];
  let list: { kind: ScopeKind; excluded: boolean } | undefined;
  const add = (kind: ScopeKind, excluded: boolean, value: string) => {
    const last = parts.at(-1);
    if (last !== undefined && 'kind' in last && last.kind === kind && last.excluded === excluded) last.values.push(value);
    else parts.push({ kind, values: [value], excluded });
  };
  for (const item of itemsOf(text)) {
    if (item.startsWith('!(') && item.endsWith(')')) {
      parts.push({ group: parseScope([item.slice(2, -1)]) });
      list = undefined;
      continue;
    }
    const [, bang = '', name, rest = ''] = /^(!?)(?:([A-Za-z]+)=)?(.*)$/s.exec(item) ?? [];
    const value = rest.trim();
    if (value === '' || (name !== undefined && !isKind(name))) fail();
    else if (name !== undefined) {
      list = { kind: name, excluded: bang !== '' };
      add(list.kind, list.excluded, value);
    } else if (list === undefined) fail();
    else add(list.kind, list.excluded || bang !== '', value);
  }
  return parts;
}

/** Between commas, but not those inside of a group. */
function itemsOf(text: string): string[] {
  const items: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i <= text.length; i++) {
    const sign = text[i];
    if (sign === '(' && (depth > 0 || text.slice(from, i).trim() === '!')) depth++;
    else if (sign === ')' && depth > 0) depth--;
    if (sign === undefined || (sign === ',' && depth === 0)) {
      items.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  return items;
}

/** A scope as {@link parseScope} reads it, without its conditions. */
export const printScope = (scope: Scope): string[] => [
  ...SCOPE_KINDS.flatMap((kind) => {
    const values = scope[kind] ?? [];
    return values.length === 0 ? [] : [`${kind}=${values.join(',')}`];
  }),
  ...(scope.except ?? []).flatMap((part) => {
    const texts = printScope(part);
    return texts.length === 0
      ? []
      : texts.length === 1 && texts[0]?.startsWith('!') !== true
        ? [`!${texts[0] ?? ''}`]
        : [`!(${texts.join(',')})`];
  }),
];

/** A scope as options of the command line. */
export const scopeArguments = (scope: Scope): string[] => [
  ...printScope(scope).flatMap((text) => ['--scope', text]),
  ...(scope.where ?? []).flatMap((text) => ['--where', text]),
];

/** AWS's names of the fields that a scope reads. */
export const scopeFields = (scope: Scope): string[] => [
  ...SCOPE_KINDS.flatMap((kind) => ((scope[kind]?.length ?? 0) > 0 ? KINDS[kind].fields : [])),
  ...(scope.except ?? []).flatMap(scopeFields),
  ...(scope.where ?? []).flatMap(conditionFields),
];

const RESOURCE_ID = /^[A-Za-z0-9-]{1,64}$/;
const MOST_PORT = 65_535;

/** A test of a column, by the column's name. */
type Test = (column: string) => string;

function testsOf(kind: ScopeKind, values: readonly string[], language: Language): Test[] {
  const bad = (expected: string, value: string) => new RenderError(`scope ${kind}: expected ${expected}, got ${JSON.stringify(value)}`);
  const list = (items: readonly string[]): Test[] =>
    items.length === 0
      ? []
      : [(column) => (language === 'sql' ? `${column} IN (${items.join(', ')})` : `${column} in [${items.join(', ')}]`)];
  const words = (expected: string, wordOf: (value: string) => string | undefined) =>
    list(
      values.map((value) => {
        const word = wordOf(value);
        if (word === undefined) throw bad(expected, value);
        return quote(word, language);
      }),
    );
  switch (KINDS[kind].type) {
    case 'id':
      return words('a resource id of letters, digits and hyphens', (value) => (RESOURCE_ID.test(value) ? value : undefined));
    case 'action':
      return words('ACCEPT or REJECT', (value) => ['ACCEPT', 'REJECT'].find((word) => word === value.toUpperCase()));
    case 'direction':
      return words('ingress or egress', (value) => ['ingress', 'egress'].find((word) => word === value.toLowerCase()));
    case 'protocol':
      return list(
        values.map((value) => {
          const number = /^\d{1,3}$/.test(value) ? Number(value) : protocolNumber(value);
          if (number === undefined || number > 255) throw bad('a protocol such as tcp, udp, icmp or 6', value);
          return String(number);
        }),
      );
    case 'port': {
      const ranges = values.flatMap((value): [number, number][] => {
        const named = portNumbers(value);
        if (named.length > 0) return named.map((port) => [port, port]);
        const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
        const [from, to] = [Number(first), Number(last)];
        if (first === '' || from > to || to > MOST_PORT) throw bad('a port such as 443, ssh or 8000-8999', value);
        return [[from, to]];
      });
      return [
        ...list(ranges.flatMap(([from, to]) => (from === to ? [String(from)] : []))),
        ...ranges
          .filter(([from, to]) => from < to)
          .map(
            ([from, to]): Test =>
              (column) =>
                language === 'sql' ? `${column} BETWEEN ${from} AND ${to}` : `(${column} >= ${from} and ${column} <= ${to})`,
          ),
      ];
    }
    case 'network':
      return values.map((value): Test => {
        const cidr = canonicalCidr(value.includes('/') ? value : `${value}/${value.includes(':') ? 128 : 32}`);
        if (cidr === undefined) throw bad('a network such as 10.0.0.0/8', value);
        const network = quote(cidr, language);
        return (column) =>
          language === 'sql' ? `contains(${network}, TRY_CAST(${column} AS IPADDRESS))` : `isIpInSubnet(${column}, ${network})`;
      });
  }
}

const fieldsOfKind = (kind: ScopeKind): readonly string[] => KINDS[kind].fields;

const columnOf = (name: string, language: Language): string => {
  const field = findField(name);
  return (language === 'sql' ? field?.sqlName : field?.insightsName) ?? name;
};

/** Conditions of the kinds, to be met together. */
function kindConditions(scope: Scope, language: Language, fieldsOf = fieldsOfKind): string[] {
  return SCOPE_KINDS.flatMap((kind) => {
    const tests = testsOf(kind, scope[kind] ?? [], language).flatMap((test) =>
      fieldsOf(kind).map((field) => test(columnOf(field, language))),
    );
    return tests.length === 0 ? [] : tests.length === 1 ? tests : [`(${tests.join(language === 'sql' ? ' OR ' : ' or ')})`];
  });
}

const allOf = (conditions: readonly string[]): string => (conditions.length === 0 ? 'true' : conditions.join(' AND '));

/** What a record or row lacks excludes it from no part: with a scope and its negation, each is in one of both. */
const without = (condition: string): string => `NOT coalesce(${condition}, false)`;

/** A SQL condition on records; `true` for an empty scope. */
export const scopeSql = (scope: Scope): string =>
  allOf([
    ...kindConditions(scope, 'sql'),
    ...(scope.except ?? []).map((part) => without(scopeSql(part))),
    ...(scope.where ?? []).map(conditionSql),
  ]);

/** The fields of connections: a connection has one port, that of its server. */
const connectionFields: typeof fieldsOfKind = (kind) => (kind === 'port' ? ['dstport'] : fieldsOfKind(kind));

/** Kinds that both directions of a connection meet, or neither. */
const WHOLE: readonly ScopeKind[] = ['vpc', 'subnet', 'eni', 'cidr', 'protocol'];
/** Kinds that a row of a connection has, but its records do not all meet. */
const SIDED: readonly ScopeKind[] = ['src', 'dst', 'port', 'dstport'];

const kindsOf = (scope: Scope): ScopeKind[] => [
  ...SCOPE_KINDS.filter((kind) => (scope[kind]?.length ?? 0) > 0),
  ...(scope.except ?? []).flatMap(kindsOf),
];

const isWhole = (scope: Scope) => kindsOf(scope).every((kind) => WHOLE.includes(kind));

/** What of a scope would leave one direction of a connection without the other. */
export const cutting = (scope: Scope): string[] => [
  ...new Set(kindsOf(scope).filter((kind) => !WHOLE.includes(kind) && !SIDED.includes(kind))),
  ...((scope.where ?? []).length > 0 ? ['--where'] : []),
];

/**
 * A scope of what is made of both directions of connections: what may be left out of the records before, and what of the connections
 * afterwards; there `src` is the end that began. @throws RenderError for what would cut connections in two
 */
export function connectionScope(scope: Scope): { readonly records: Scope; readonly connections: string | undefined } {
  const named = cutting(scope);
  if (named.length > 0)
    throw new RenderError(
      `a question about connections reads both directions of each: ${named.join(', ')} would cut them in two. ` +
        `Use ${[...WHOLE, ...SIDED].join(', ')}, where src is the end that began; or choose a question about records`,
    );
  const records: Scope = { ...scope, src: undefined, dst: undefined, dstport: undefined, except: scope.except?.filter(isWhole) };
  return { records, connections: isWhole(scope) ? undefined : connectionSql(scope) };
}

/** The condition on rows of connections. */
export const connectionSql = (scope: Scope): string =>
  allOf([...kindConditions(scope, 'sql', connectionFields), ...(scope.except ?? []).map((part) => without(connectionSql(part)))]);

/** An Insights filter command with its leading pipe; empty for an empty scope. */
export function scopeInsights(scope: Scope): string {
  const conditions = insightsConditions(scope);
  return conditions.length === 0 ? '' : `| filter ${conditions.join(' and ')}`;
}

function insightsConditions(scope: Scope): string[] {
  if ((scope.where ?? []).length > 0)
    throw new RenderError('--where is SQL, which Logs Insights does not know: narrow the question with --scope');
  return [...kindConditions(scope, 'insights'), ...(scope.except ?? []).map((part) => `not (${insightsConditions(part).join(' and ')})`)];
}
