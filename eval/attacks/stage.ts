import { hostingAddress } from '../world/addresses';
import { DAY } from '../world/clock';
import type { Sampler } from '../world/sampler';
import type { Exchange, Host, Site } from '../world/site';

/** Where and when an attack is planted. */
export class Stage {
  constructor(
    readonly site: Site,
    readonly random: Sampler,
    /** Unix seconds of its begin. */
    readonly at: number,
    private readonly used: Set<Host>,
  ) {}

  /** A server somewhere that nobody of ours has spoken to. */
  outsider(): string {
    return hostingAddress(this.random);
  }

  /** A host that lives through the attack and has no other part in this capture. */
  host(wanted: { readonly isPublic?: boolean; readonly days?: number } = {}): Host | undefined {
    const free = this.site.hosts.filter(
      (host) =>
        (host.kind === 'instance' || host.kind === 'node') &&
        !this.used.has(host) &&
        host.from <= Math.max(this.site.from, this.at - DAY) &&
        host.to >= Math.min(this.site.to, this.at + (wanted.days ?? 1) * DAY) &&
        (wanted.isPublic === undefined || host.isPublic === wanted.isPublic),
    );
    if (free.length === 0) return undefined;
    // Hosts that the internet reaches are few: who can do without leaves them to the others.
    const hidden = free.filter(({ isPublic }) => !isPublic);
    const host = this.random.pick(wanted.isPublic === undefined && hidden.length > 0 ? hidden : free);
    this.used.add(host);
    return host;
  }

  /** All hosts that are there. */
  get hosts(): Host[] {
    return this.site.hosts.filter(({ from, to, kind }) => from <= this.at && to > this.at && (kind === 'instance' || kind === 'node'));
  }

  /** `n` times over `seconds`, evenly with a little disorder, in order. */
  *times(n: number, seconds: number, begin = this.at): Generator<number> {
    for (let i = 0; i < n; i++) yield begin + ((i + this.random.between(0, 0.8)) / n) * seconds;
  }

  attempt(exchange: Exchange, beyond?: Parameters<Site['attempt']>[1]) {
    return this.site.attempt(exchange, beyond);
  }
}

export const named = (...hosts: readonly Host[]): string[] => hosts.flatMap(({ address, id }) => [address, id]);
