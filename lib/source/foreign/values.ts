/** How other systems write what AWS writes its own way. */
import { protocolNumber } from '../../flow-log/names';
import type { ForeignLines } from './lines';

export type Json = Readonly<Record<string, unknown>>;

/** The object that a value is; an empty one for anything else. */
export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The value at a path of keys. */
export const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => objectOf(inner)[key], value);

/** A string or number as text; `-` and the empty text are unknown. */
export function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
  return text === '' || text === '-' ? undefined : text;
}

/** One of a few words, in upper or lower case. */
export function wordOf<T extends string>(value: unknown, words: Readonly<Record<string, T>>): T | undefined {
  return typeof value === 'string' && Object.hasOwn(words, value.toLowerCase()) ? words[value.toLowerCase()] : undefined;
}

export const addressType = (address: unknown): string | undefined =>
  typeof address !== 'string' || address === '' ? undefined : address.includes(':') ? 'IPv6' : 'IPv4';

/** Last part of a path such as `/subscriptions/…/virtualNetworks/name`. */
export const lastPart = (path: unknown): string | undefined => (typeof path === 'string' ? textOf(path.split('/').at(-1)) : undefined);

const MILLISECONDS_FROM = 100_000_000_000;
const MICROSECONDS_FROM = MILLISECONDS_FROM * 1000;
const NANOSECONDS_FROM = MICROSECONDS_FROM * 1000;
/** A time without zone is UTC. */
const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d*)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/** Unix seconds, fractions kept, of seconds to nanoseconds or an ISO 8601 time; undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) {
    const time = Number(text);
    const scale = time >= NANOSECONDS_FROM ? 1e9 : time >= MICROSECONDS_FROM ? 1e6 : time >= MILLISECONDS_FROM ? 1e3 : 1;
    return time / scale;
  }
  const [, day = '', clock = '', fraction = '', zone = 'Z'] = ISO.exec(text) ?? [];
  const seconds = Date.parse(`${day}T${clock}${zone.toUpperCase() === 'UTC' ? 'Z' : zone.toUpperCase()}`) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds + Number(`0${fraction === '.' ? '' : fraction}`);
}

/** Reads values of one record and says which do not fit. */
export class Values {
  constructor(
    private readonly lines: ForeignLines,
    private readonly line: number,
  ) {}

  bad(field: string, value: unknown, expected: string): undefined {
    this.lines.badValue(this.line, field, value, `expected ${expected}, read as NULL`);
    return undefined;
  }

  /** Unix seconds, rounded down. */
  seconds(field: string, value: unknown): number | undefined {
    if (textOf(value) === undefined) return undefined;
    const time = timeOf(value);
    return time === undefined ? this.bad(field, value, 'a time such as 2026-01-31T12:00:00Z or Unix seconds') : Math.floor(time);
  }

  /** A whole number of at least 0; what others write as `443.0` is one. */
  count(field: string, value: unknown): string | undefined {
    const text = textOf(value)?.trim();
    if (text === undefined) return undefined;
    const whole = /^(\d+)(?:\.0+)?$/.exec(text)?.[1];
    return whole ?? this.bad(field, value, 'a whole number of at least 0');
  }

  word<T extends string>(field: string, value: unknown, words: Readonly<Record<string, T>>): T | undefined {
    if (textOf(value) === undefined) return undefined;
    return wordOf(value, words) ?? this.bad(field, value, `${Object.keys(words).join(' or ')} in any case`);
  }

  /** IANA's number of a protocol, by number or name. */
  protocol(field: string, value: unknown): number | undefined {
    const text = textOf(value)?.trim();
    if (text === undefined) return undefined;
    const number = /^\d{1,3}(\.0+)?$/.test(text) ? Number(text) : protocolNumber(text);
    return number !== undefined && number <= 255 ? number : this.bad(field, value, "a protocol's number or name");
  }

  /** Reports which of these values are missing, by name. */
  required(values: Json): void {
    for (const [field, value] of Object.entries(values))
      if (textOf(value) === undefined) this.lines.badValue(this.line, field, undefined, 'missing, read as NULL');
  }
}
