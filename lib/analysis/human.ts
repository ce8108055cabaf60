import type { Value } from './columns';
import { portName, protocolName, tcpFlagNames, trafficPathName, WEEKDAYS } from '../flow-log/names';
import type { UNITS } from './schema';

export type Unit = (typeof UNITS)[number];

const SCALE = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Decimal multiples, as AWS bills: `1.5 GB`. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 999.5 && step < SCALE.length - 1) {
    value /= 1000;
    step++;
  }
  return step === 0 ? `${humanNumber(value)} B` : `${value.toFixed(Math.abs(value) >= 99.95 ? 0 : 1)} ${SCALE[step]}`;
}

/** `48,048`; two decimals, or two digits of what is small: only zero is `0`. Integers do without the locale's data, whose loading takes 12 ms. */
export const humanNumber = (value: number): string =>
  Number.isSafeInteger(value)
    ? String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : value.toLocaleString('en-US', Math.abs(value) < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 });

/** One decimal, or two digits of what one decimal would make zero. */
const oneDecimal = (value: number): string => (value !== 0 && Math.abs(value) < 0.05 ? humanNumber(value) : value.toFixed(1));

/** `1 record`, `48,048 records`. */
export const humanCount = (value: number, one: string, many = `${one}s`): string => `${humanNumber(value)} ${value === 1 ? one : many}`;

/** `2h 5m`, `45s`, `3d 4h`, `0.2s`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 0) return `-${humanSeconds(-seconds)}`;
  if (seconds > 0 && seconds < 1) return `${humanNumber(seconds)}s`;
  const total = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(total / 86400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'm'],
    [total % 60, 's'],
  ];
  const from = parts.findIndex(([value]) => value > 0);
  if (from === -1) return '0s';
  return parts
    .slice(from, from + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join(' ');
}

const named = (value: number, name: string | undefined) => (name === undefined ? String(value) : `${value} ${name}`);

function humanUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return humanBytes(value);
    case 'seconds':
      return humanSeconds(value);
    case 'percent':
      return `${oneDecimal(value)}%`;
    case 'protocol':
      return protocolName(value) ?? String(value);
    case 'port':
      return named(value, portName(value));
    case 'tcp-flags':
      return tcpFlagNames(value);
    case 'traffic-path':
      return named(value, trafficPathName(value));
    case 'weekday':
      return WEEKDAYS[value - 1] ?? String(value);
    case 'score':
      return oneDecimal(value);
    case 'packets':
    case 'records':
      return humanNumber(value);
  }
}

/** Controls of ASCII and of C1, and those that turn the direction of text or end a line. https://www.unicode.org/reports/tr9/ */
// eslint-disable-next-line no-control-regex -- control characters are what this replaces: values come from logs
export const CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** Those of them that JSON leaves as they are. */
const CONTROL_IN_JSON = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escape = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text in one line without any control character. */
export const withoutControls = (text: string): string => text.replace(CONTROLS, '\ufffd');

/** One line in which control characters are seen as `\u001b`: for messages, which name files and quote values. */
export const visibleLine = (text: string): string => text.replace(CONTROLS, (sign) => (sign === '\t' ? sign : escape(sign)));

/** The same for text of several lines. */
export const visibleText = (text: string): string => text.split('\n').map(visibleLine).join('\n');

/** JSON for a terminal: the same value, its control characters as escapes. */
export const visibleJson = (json: string): string => json.replace(CONTROL_IN_JSON, escape);

/** A value as people read it. Control characters never reach the terminal. */
export function humanValue(value: Value, unit: Unit | undefined): string {
  if (value === null) return '-';
  if (typeof value === 'number')
    return unit === undefined ? (Number.isInteger(value) ? String(value) : humanNumber(value)) : humanUnit(value, unit);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return withoutControls(value);
}

/** Units of well-known columns, for SQL that carries none. */
export const COLUMN_UNITS: Readonly<Record<string, Unit>> = {
  protocol: 'protocol',
  srcport: 'port',
  dstport: 'port',
  tcp_flags: 'tcp-flags',
  traffic_path: 'traffic-path',
  bytes: 'bytes',
  packets: 'packets',
  records: 'records',
};
