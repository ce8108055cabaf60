import type { Outcome, Volume } from '../../lib/synthetic/capture/connection';

/** A labelled flow of another format, both directions in one. */
export interface LabelledFlow {
  readonly at: number;
  readonly seconds: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly protocol: number;
  readonly sent: Volume;
  readonly received: Volume;
  /** What became of it, as seen on the wire: groups are not known there. */
  readonly outcome: Extract<Outcome, 'answered' | 'closed' | 'unanswered'>;
  /** Undefined for what is harmless or not known. */
  readonly label: string | undefined;
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  'ipv6-icmp': 58,
  icmp6: 58,
  ospf: 89,
  sctp: 132,
};

/** By name or number; undefined for what is no protocol over IP (ARP, LLC). */
export function protocolOf(text: string): number | undefined {
  const number = Number(text);
  return text !== '' && Number.isInteger(number) ? number : PROTOCOLS[text.toLowerCase()];
}

const HARMLESS = /^$|^-$|^\(empty\)$|benign|normal|background|unknown|^0$/i;

export const labelOf = (text: string | undefined): string | undefined =>
  text === undefined || HARMLESS.test(text.trim()) ? undefined : text.trim();

/** What is wrong with a line of a file. */
export class ConvertError extends Error {
  override name = 'ConvertError';

  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`);
  }
}

export function numberOf(text: string | undefined, file: string, line: number, column: string): number {
  if (text === undefined || text === '' || text === '-') return 0;
  const value = Number(text);
  if (Number.isNaN(value)) throw new ConvertError(file, line, `${column} ${JSON.stringify(text)}: expected a number`);
  return value;
}
