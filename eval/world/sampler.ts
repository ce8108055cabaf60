import { Random } from '../../lib/synthetic/random';

/** Draws from the distributions that traffic has. */
export class Sampler extends Random {
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Sizes and durations: `median`, and `sigma` of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  poisson(mean: number): number {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let n = 0;
    for (let product = this.next(); product > limit; product *= this.next()) n++;
    return n;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** `n` different ones in random order. */
  sample<T>(items: readonly T[], n: number): T[] {
    const rest = [...items];
    const chosen: T[] = [];
    while (chosen.length < n && rest.length > 0) chosen.push(...rest.splice(this.integer(0, rest.length - 1), 1));
    return chosen;
  }

  /** A port that a Linux client takes: net.ipv4.ip_local_port_range. */
  ephemeral(): number {
    return this.integer(32768, 60999);
  }

  /** A port that a client behind a home router or carrier NAT appears with. */
  natPort(): number {
    return this.integer(1024, 65535);
  }
}
