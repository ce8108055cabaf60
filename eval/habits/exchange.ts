import type { Volume } from '../../lib/synthetic/capture/connection';
import type { Exchange, Site } from '../world/site';

const HEADERS = 52;
const PAYLOAD = 1360;

/** Packets and bytes of a payload with TCP's headers, and the packets without payload (handshake, acknowledgements). */
export function volume(payload: number, bare = 3): Volume {
  const packets = Math.max(1, Math.ceil(payload / PAYLOAD)) + bare;
  return { packets, bytes: Math.round(payload + packets * HEADERS) };
}

/** What a peer that receives `payload` sends back: one acknowledgement for two packets. */
export const acknowledging = (payload: number, own: number): Volume => volume(own, 3 + Math.ceil(payload / PAYLOAD / 2));

/** A SYN and its repetitions, as Linux sends them: 60 bytes each, after 1, 3, 7, 15, 31 and 63 seconds. */
export function attempts(n: number): { sent: Volume; received: Volume; seconds: number } {
  return { sent: { packets: n, bytes: 60 * n }, received: NONE, seconds: n === 1 ? 0 : 2 ** (n - 1) - 1 };
}

export const NONE: Volume = { packets: 0, bytes: 0 };

/** One SYN of a tool that makes its own packets: 40 or 44 bytes, no repetition. */
export const rawSyn = (bytes = 44) => ({ sent: { packets: 1, bytes }, received: NONE, seconds: 0 });

type Where = Pick<Exchange, 'at' | 'from' | 'to' | 'port'>;

/** Bodies in bytes: `up` from the client, `down` to it. */
export interface Call {
  readonly up: number;
  readonly down: number;
  readonly seconds: number;
}

/** A request and its answer over TCP. */
export function call(site: Site, where: Where, { up, down, seconds }: Call, more: Partial<Exchange> = {}): void {
  site.connect({ ...where, seconds, sent: acknowledging(down, up), received: acknowledging(up, down), ...more });
}

/** A question and its answer over UDP. */
export function ask(site: Site, where: Where, sizes: { up: number; down: number }, more: Partial<Exchange> = {}): void {
  site.connect({
    ...where,
    protocol: 17,
    seconds: 0.03,
    sent: { packets: 1, bytes: sizes.up },
    received: { packets: 1, bytes: sizes.down },
    ...more,
  });
}

/** Starts of a kind of event over the site's time, with a rate per hour that changes with the hour; in random order within the hour. */
export function* arrivals(site: Site, perHour: (time: number) => number, from = site.from, to = site.to): Generator<number> {
  for (let hour = from; hour < to; hour += 3600) {
    const length = Math.min(3600, to - hour);
    for (let n = site.random.poisson((Math.max(0, perHour(hour)) * length) / 3600); n > 0; n--) yield hour + site.random.between(0, length);
  }
}

/** Starts in a fixed rhythm, `jitter` seconds to both sides. */
export function* every(site: Site, seconds: number, jitter = 0, from = site.from, to = site.to): Generator<number> {
  for (let time = from; time < to; time += seconds) yield Math.min(to - 1, Math.max(from, time + site.random.between(-jitter, jitter)));
}
