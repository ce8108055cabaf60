/**
 * Functions for people that neither Athena nor DuckDB has: each is a plain SQL expression, which texts for Athena hold in place of a
 * call, and which DuckDB knows as a macro of the same name (lib/engine/duckdb/duckdb.ts).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedPorts } from '../flow-log/names';
import { packageRoot } from '../package-root';
import { maskedSql } from './functions';
import { canonicalCidr, quote, RenderError } from './literal';

interface Helper {
  readonly parameters: readonly string[];
  readonly meaning: string;
  readonly sql: (...args: string[]) => string;
}

let privateSql: string | undefined;

/** The partial that the questions use: private means the same in both. */
const nonPublic = (): string =>
  (privateSql ??= readFileSync(join(packageRoot(), 'queries', '_partials', 'non_public_address.sql'), 'utf8')
    .replace(/^\s*--.*\n/gm, '')
    .trim());

export const HELPERS: Readonly<Record<string, Helper>> = {
  is_private: {
    parameters: ['address'],
    meaning: 'true for an address that the internet does not route: RFC 1918 and other private or reserved networks',
    sql: (address = '') => nonPublic().replaceAll('[[address]]', address),
  },
  in_network: {
    parameters: ['address', 'network'],
    meaning: "true for an address in a network such as '10.0.0.0/8'",
    sql: (address, network = '') => `contains(${network}, TRY_CAST(${address} AS IPADDRESS))`,
  },
  port_name: {
    parameters: ['port'],
    meaning: 'the service that usually has the port, such as ssh; NULL for others',
    sql: (port) =>
      `CASE ${port} ${namedPorts()
        .map(([number, name]) => `WHEN ${number} THEN ${quote(name, 'sql')}`)
        .join(' ')} END`,
  },
};

/** The arguments of a call whose parenthesis is at `open`, and the place after it. @throws RenderError for one that is never closed */
function argumentsAt(sql: string, masked: string, open: number, name: string): { args: string[]; end: number } {
  const args: string[] = [];
  let [depth, from] = [0, open + 1];
  for (let i = open; i < masked.length; i++) {
    const sign = masked[i];
    if (sign === '(') depth++;
    else if (sign === ')') depth--;
    if (depth === 0 || (sign === ',' && depth === 1)) {
      args.push(sql.slice(from, i).trim());
      from = i + 1;
    }
    if (depth === 0) return { args: args.length === 1 && args[0] === '' ? [] : args, end: i + 1 };
  }
  throw new RenderError(`${name}(: the parenthesis is never closed`);
}

/** SQL with an expression in place of each call of a helper. @throws RenderError for a call with other arguments than it takes */
export function plainSql(sql: string): string {
  const masked = maskedSql(sql);
  const match = /(?<![\w."])(is_private|in_network|port_name)\s*\(/i.exec(masked);
  const name = match?.[1]?.toLowerCase() ?? '';
  const helper = HELPERS[name];
  if (match === null || helper === undefined) return sql;
  const { args, end } = argumentsAt(sql, masked, match.index + match[0].length - 1, name);
  const { parameters } = helper;
  if (args.length !== parameters.length || args.includes(''))
    throw new RenderError(`${name}: expected ${name}(${parameters.join(', ')}), got ${sql.slice(match.index, end)}`);
  const network = /^'(.*)'$/.exec(args[1] ?? '')?.[1];
  if (network !== undefined && canonicalCidr(network) === undefined)
    throw new RenderError(`${name}: expected a network such as '10.0.0.0/8', got ${args[1] ?? ''}`);
  const inner = args.map((arg) => plainSql(/^\w+$|^"\w+"$|^'[^']*'$/.test(arg) ? arg : `(${arg})`));
  return `${sql.slice(0, match.index)}${helper.sql(...inner)}${plainSql(sql.slice(end))}`;
}
