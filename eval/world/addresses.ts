import type { Sampler } from './sampler';

/** First octets of address space of providers, consumers and clouds; none of documentation, private or reserved ranges. */
const CONSUMER = [
  24, 31, 46, 62, 67, 71, 73, 76, 78, 79, 80, 81, 82, 84, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 98, 108, 109, 151, 176, 178, 188, 213,
  217,
];
const HOSTING = [
  5, 37, 45, 51, 62, 77, 80, 83, 85, 89, 91, 92, 94, 103, 104, 134, 138, 139, 141, 142, 144, 146, 147, 157, 159, 161, 162, 163, 164, 165,
  167, 170, 178, 185, 188, 193, 194, 195, 198, 206, 207, 209, 212,
];
const CLOUD = [3, 13, 15, 18, 34, 35, 40, 44, 50, 52, 54, 99, 104, 107];
/** 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 198.18.0.0/15, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 stay out. */
const RESERVED =
  /^(192\.(0|168)\.|198\.(51|18|19)\.|203\.0\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

function draw(random: Sampler, first: readonly number[]): string {
  for (;;) {
    const address = `${random.pick(first)}.${random.integer(0, 255)}.${random.integer(0, 255)}.${random.integer(1, 254)}`;
    if (!RESERVED.test(address)) return address;
  }
}

/** A household or a mobile client. */
export const consumerAddress = (random: Sampler) => draw(random, CONSUMER);
/** A rented server: scanners, C2 servers, small services. */
export const hostingAddress = (random: Sampler) => draw(random, HOSTING);
/** An address of a large cloud or CDN. */
export const cloudAddress = (random: Sampler) => draw(random, CLOUD);

/** Addresses of one /24, as a service or an institution's scanners have. */
export function neighbours(random: Sampler, n: number): string[] {
  const base = hostingAddress(random).split('.').slice(0, 3).join('.');
  return random.sample(
    Array.from({ length: 254 }, (_, i) => `${base}.${i + 1}`),
    n,
  );
}

export const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
