import ipaddr from 'ipaddr.js';
import type { ParameterDefinition } from './schema';

/** A value that does not fit its parameter, or a text that cannot be rendered. */
export class RenderError extends Error {
  override name = 'RenderError';
}

export type ParameterValue = string | number | boolean | readonly (string | number | boolean)[];
export type Language = 'sql' | 'insights';

// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const CONTROL = /[\x00-\x1f\x7f]/;

/** A quoted string literal of the language. @throws RenderError for control characters, which no field value holds */
export function quote(text: string, language: Language): string {
  if (CONTROL.test(text)) throw new RenderError(`${JSON.stringify(text)}: control characters are not allowed in a value`);
  return language === 'sql' ? `'${text.replaceAll("'", "''")}'` : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Canonical text of a network such as 10.0.0.0/8, or undefined. */
export function canonicalCidr(text: string): string | undefined {
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.parseCIDR(text);
  return `${address.toString()}/${prefix}`;
}

/** Canonical text of an address, or undefined. Four full decimal parts for IPv4. */
export function canonicalAddress(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  return ipaddr.IPv6.isValid(text) && !text.includes('%') ? ipaddr.IPv6.parse(text).toString() : undefined;
}

function scalarLiteral(name: string, definition: ParameterDefinition, type: string, value: unknown, language: Language): string {
  const bad = (expected: string) =>
    new RenderError(`parameter ${name}: expected ${expected}, got ${JSON.stringify(value)}. It means: ${definition.meaning}`);
  if (definition.values !== undefined && !definition.values.includes(value as string)) throw bad(`one of ${definition.values.join(', ')}`);
  switch (type) {
    case 'integer':
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number) || (type === 'integer' && !Number.isSafeInteger(number))) {
        throw bad(type === 'integer' ? 'an integer' : 'a number');
      }
      if (definition.min !== undefined && number < definition.min) throw bad(`at least ${definition.min}`);
      if (definition.max !== undefined && number > definition.max) throw bad(`at most ${definition.max}`);
      // The locale's data take longer to load than most questions; only fractions could print with an exponent.
      const digits = Number.isSafeInteger(number)
        ? String(number)
        : number.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 15 });
      // Trino takes 1.25 for a decimal, whose arithmetic has scales; 1.25e0 is a double in both engines.
      return language === 'sql' && digits.includes('.') ? `${digits}e0` : digits;
    }
    case 'boolean':
      if (value === true || value === 'true') return 'true';
      if (value === false || value === 'false') return 'false';
      throw bad('true or false');
    case 'ip': {
      const address = typeof value === 'string' ? canonicalAddress(value) : undefined;
      if (address === undefined) throw bad('an IPv4 or IPv6 address');
      return quote(address, language);
    }
    case 'cidr': {
      const network = typeof value === 'string' ? canonicalCidr(value) : undefined;
      if (network === undefined) throw bad('a network such as 10.0.0.0/8 or 2001:db8::/32');
      return quote(network, language);
    }
    default:
      if (typeof value !== 'string' && typeof value !== 'number') throw bad('a string');
      return quote(String(value), language);
  }
}

/**
 * The literal of a parameter value; lists become comma-separated literals. Values from a command line are strings, a
 * list there is separated by commas.
 * @throws RenderError naming parameter, got and expected
 */
export function literal(name: string, definition: ParameterDefinition, value: ParameterValue, language: Language): string {
  const list = definition.type.endsWith('[]');
  if (!list) {
    if (Array.isArray(value)) throw new RenderError(`parameter ${name}: expected one ${definition.type}, got a list`);
    return scalarLiteral(name, definition, definition.type, value, language);
  }
  const items: readonly unknown[] = Array.isArray(value)
    ? value
    : String(value)
        .split(',')
        .map((item) => item.trim());
  if (items.length === 0) throw new RenderError(`parameter ${name}: expected at least one value`);
  return items.map((item) => scalarLiteral(name, definition, definition.type.slice(0, -2), item, language)).join(', ');
}

/** Entries of a list in a file or object: one a line, `#` begins a comment. */
export const listEntries = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
