import { canonicalCidr, quote, RenderError } from './literal';

/** Restricts a run to parts of the network; values of one kind are alternatives, kinds restrict each other. */
export interface Scope {
  readonly vpc?: readonly string[] | undefined;
  readonly subnet?: readonly string[] | undefined;
  readonly eni?: readonly string[] | undefined;
  readonly cidr?: readonly string[] | undefined;
  /** Parts that are left out. */
  readonly except?: readonly Scope[] | undefined;
}

export const SCOPE_FIELDS = { vpc: ['vpc-id'], subnet: ['subnet-id'], eni: ['interface-id'], cidr: ['srcaddr', 'dstaddr'] } as const;
export type ScopeKind = keyof typeof SCOPE_FIELDS;
const KINDS = Object.keys(SCOPE_FIELDS) as ScopeKind[];

const RESOURCE_ID = /^[A-Za-z0-9-]{1,64}$/;

/** Reads `vpc=vpc-0abc`, `subnet=…`, `eni=…`, `cidr=10.0.0.0/8`; with a leading `!` that part is left out. @throws RenderError naming got and expected */
export function parseScope(texts: readonly string[]): Scope {
  const scope: Record<string, string[]> = {};
  const except: Scope[] = [];
  for (const text of texts) {
    const [kind, value] = [text.slice(0, text.indexOf('=')).replace(/^!/, ''), text.slice(text.indexOf('=') + 1)];
    if (!Object.hasOwn(SCOPE_FIELDS, kind) || value === '') {
      throw new RenderError(
        `scope ${JSON.stringify(text)}: expected vpc=ID, subnet=ID, eni=ID or cidr=NETWORK, with a leading ! to exclude it`,
      );
    }
    if (text.startsWith('!')) except.push({ [kind]: value.split(',') });
    else (scope[kind] ??= []).push(...value.split(','));
  }
  return except.length === 0 ? scope : { ...scope, except };
}

/** A scope as {@link parseScope} reads it. */
export const printScope = (scope: Scope): string[] => [
  ...KINDS.flatMap((kind) => (scope[kind] === undefined ? [] : [`${kind}=${scope[kind].join(',')}`])),
  ...(scope.except ?? []).flatMap((part) => printScope(part).map((text) => `!${text}`)),
];

function resource(kind: ScopeKind, value: string): string {
  if (!RESOURCE_ID.test(value))
    throw new RenderError(`scope ${kind}: expected a resource id of letters, digits and hyphens, got ${JSON.stringify(value)}`);
  return value;
}

function network(value: string): string {
  const text = canonicalCidr(value.includes('/') ? value : `${value}/${value.includes(':') ? 128 : 32}`);
  if (text === undefined) throw new RenderError(`scope cidr: expected a network such as 10.0.0.0/8, got ${JSON.stringify(value)}`);
  return text;
}

/** AWS's names of the fields that a scope reads. */
export const scopeFields = (scope: Scope): string[] => [
  ...KINDS.flatMap((kind) => ((scope[kind]?.length ?? 0) > 0 ? SCOPE_FIELDS[kind] : [])),
  ...(scope.except ?? []).flatMap(scopeFields),
];

/** A SQL condition; `true` for an empty scope. */
export function scopeSql(scope: Scope): string {
  const conditions: string[] = [];
  const ids = (kind: 'vpc' | 'subnet' | 'eni', column: string) => {
    const values = scope[kind] ?? [];
    if (values.length > 0) conditions.push(`${column} IN (${values.map((value) => quote(resource(kind, value), 'sql')).join(', ')})`);
  };
  ids('vpc', 'vpc_id');
  ids('subnet', 'subnet_id');
  ids('eni', 'interface_id');
  const networks = (scope.cidr ?? []).map(network);
  if (networks.length > 0) {
    const tests = networks.flatMap((cidr) =>
      ['srcaddr', 'dstaddr'].map((column) => `contains(${quote(cidr, 'sql')}, TRY_CAST(${column} AS IPADDRESS))`),
    );
    conditions.push(`(${tests.join(' OR ')})`);
  }
  for (const part of scope.except ?? []) conditions.push(`NOT coalesce(${scopeSql(part)}, false)`);
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

/** An Insights filter command with its leading pipe; empty for an empty scope. */
export function scopeInsights(scope: Scope): string {
  const conditions = insightsConditions(scope);
  return conditions.length === 0 ? '' : `| filter ${conditions.join(' and ')}`;
}

function insightsConditions(scope: Scope): string[] {
  const conditions: string[] = [];
  const ids = (kind: 'vpc' | 'subnet' | 'eni', field: string) => {
    const values = scope[kind] ?? [];
    if (values.length > 0) conditions.push(`${field} in [${values.map((value) => quote(resource(kind, value), 'insights')).join(', ')}]`);
  };
  ids('vpc', 'vpcId');
  ids('subnet', 'subnetId');
  ids('eni', 'interfaceId');
  const networks = (scope.cidr ?? []).map(network);
  if (networks.length > 0) {
    const tests = networks.flatMap((cidr) => ['srcAddr', 'dstAddr'].map((name) => `isIpInSubnet(${name}, ${quote(cidr, 'insights')})`));
    conditions.push(`(${tests.join(' or ')})`);
  }
  for (const part of scope.except ?? []) conditions.push(`not (${insightsConditions(part).join(' and ')})`);
  return conditions;
}
