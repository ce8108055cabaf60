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
  return step === 0 ? `${value} B` : `${value.toFixed(Math.abs(value) >= 99.95 ? 0 : 1)} ${SCALE[step]}`;
}

/** `48,048`; up to two decimals. Integers do without the locale's data, whose loading takes 12 ms. */
export const humanNumber = (value: number): string =>
  Number.isSafeInteger(value)
    ? String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** `1 record`, `48,048 records`. */
export const humanCount = (value: number, one: string, many = `${one}s`): string => `${humanNumber(value)} ${value === 1 ? one : many}`;

/** `2h 5m`, `45s`, `3d 4h`. */
export function humanSeconds(seconds: number): string {
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
      return `${value.toFixed(1)}%`;
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
      return value.toFixed(1);
    case 'packets':
    case 'records':
      return humanNumber(value);
  }
}

// eslint-disable-next-line no-control-regex -- control characters are what this replaces: values come from logs
const CONTROL = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A value as people read it. Control characters never reach the terminal. */
export function humanValue(value: Value, unit: Unit | undefined): string {
  if (value === null) return '-';
  if (typeof value === 'number')
    return unit === undefined ? (Number.isInteger(value) ? String(value) : humanNumber(value)) : humanUnit(value, unit);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value.replace(CONTROL, '\ufffd');
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
