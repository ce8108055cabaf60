/** Titles of findings: one line that names source, target, port, amount and outcome. docs/adr/0044-titles-of-incidents.md */
import type { Row, Value } from '../analysis/columns';
import { humanNumber, humanValue } from '../analysis/human';
import type { AnalysisDefinition } from '../analysis/schema';
import { protocolName } from '../flow-log/names';

/** Protocols with ports; 0 is one of their ports, and no port for any other. */
const WITH_PORTS = [6, 17, 33, 132];

const ADDRESS_LIKE = /[\da-f.:]*[\da-f]/gi;

type Unit = AnalysisDefinition['columns'][number]['unit'];

const named = (protocol: number) => protocolName(protocol) ?? `protocol ${protocol}`;

/** Amounts read better with their unit; ports are searched for as numbers. */
function printed(value: Value | undefined, unit: Unit): string {
  if (value === null || value === undefined) return '-';
  if (unit === 'port') return String(value);
  if (unit === 'protocol') return named(Number(value));
  if (unit !== undefined) return humanValue(value, unit);
  return typeof value === 'number' ? humanNumber(value) : String(value);
}

/** `port 22`; of a protocol without ports its name. */
function portOf(port: Value | undefined, protocol: Value | undefined): string {
  if (port !== 0 || WITH_PORTS.includes(Number(protocol ?? 6))) return `port ${String(port ?? '-')}`;
  return named(Number(protocol));
}

/** `10.0.1.10:22`, `[2001:db8::1]:22`; without a port the address. */
function endpointOf(address: Value | undefined, port: Value | undefined): string {
  const text = String(address ?? '-');
  if (port === null || port === undefined || port === 0) return text;
  return `${text.includes(':') ? `[${text}]` : text}:${String(port)}`;
}

/**
 * A template with the values of a row. `{column}` is replaced; `{address}:{port}` is an endpoint; `port {column}` names the
 * protocol where there is no port; the noun behind a number follows it (`{hosts} hosts`: `1 host`); `[a part]` is left out
 * where a value in it is NULL. `spoken` writes an address, or an endpoint with it, together with its name or owner.
 */
export function titleOf(
  { columns, finding }: Pick<AnalysisDefinition, 'columns' | 'finding'>,
  row: Row,
  spoken: (address: string, endpoint: string) => string = (_, endpoint) => endpoint,
): string {
  const addresses = new Set(columns.filter(({ type }) => type === 'address').map(({ name }) => row[name]));
  // A column for people holds an address of the row, or a text with one: `who`, `what`.
  const withinText = (value: string) => value.replace(ADDRESS_LIKE, (part) => (addresses.has(part) ? spoken(part, part) : part));
  const text = (name: string) => {
    const value = row[name];
    const plain = printed(value, columns.find((column) => column.name === name)?.unit);
    return typeof value === 'string' ? withinText(plain) : plain;
  };
  const shown = (finding?.title ?? '').replace(/\[([^\]]*)\]/g, (_, part: string) =>
    [...part.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => row[name] !== null && row[name] !== undefined) ? part : '',
  );
  // In one pass: a value may look like a part of a template.
  return shown.replace(/\{(\w+)\}:\{(\w+)\}|\bport \{(\w+)\}|\{(\w+)\}( [a-z]+s\b)?/g, (...groups: (string | undefined)[]) => {
    const [, address, at, port, name = '', noun = ''] = groups;
    if (address !== undefined && at !== undefined) {
      const [value, endpoint] = [row[address], endpointOf(row[address], row[at])];
      return typeof value === 'string' && addresses.has(value) ? spoken(value, endpoint) : endpoint;
    }
    if (port !== undefined) return portOf(row[port], row['protocol']);
    return `${text(name)}${row[name] === 1 ? noun.replace(/s$/, '') : noun}`;
  });
}
