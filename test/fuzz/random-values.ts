/** Names and values that files are made of. */

/** mulberry32: a stream of numbers that a seed tells. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export type Random = ReturnType<typeof randomOf>;

export const one = <T>(random: Random, list: readonly T[]): T => list[random(list.length)]!;

export const UNKNOWN = [
  'quantum-state',
  'Weird',
  'x_y',
  "it's",
  'a"b',
  '#c',
  'startTime',
  'End',
  'pkt_srcAddr',
  'é',
  'a$b',
  'a,b',
  'n'.repeat(129),
];
export const INTEGERS = [
  '0',
  '22',
  '443',
  '65535',
  '-1',
  '-0',
  '007',
  '2147483647',
  '2147483648',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
];
export const TIMES = [
  '1790000000',
  '1790000000123',
  '1790000000123456',
  '1790000000123456789',
  '99999999999',
  '100000000000',
  '-5',
  '-62135596800',
  '-62135596801',
];
export const NO_INTEGERS = ['ssh', '1.5', '1e3', '0x10', '+5', '1_0', '--', '٣', '1\t'];
export const TEXTS = [
  'ACCEPT',
  'REJECT',
  'OK',
  'NODATA',
  'eni-0a1',
  '192.0.2.7',
  '2001:db8::1',
  'unknown',
  '"q',
  '#x',
  "it's",
  'a\rb',
  '\ttab',
  'ä',
  '漢字',
  'x\x07',
  '2026-11-20T05:00:00Z',
  'srcaddr',
  'action',
  'x,y',
  '%20',
];

/** A name as AWS or its tools spell it. */
export function spelt(random: Random, name: string): string {
  switch (random(12)) {
    case 0:
      return name.replaceAll('-', '_');
    case 1:
      return name.replace(/-(.)/g, (_, c: string) => c.toUpperCase());
    case 2:
      return name.toUpperCase();
    default:
      return name;
  }
}
