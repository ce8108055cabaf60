import { DAY, HOUR } from '../../world/clock';
import type { AttackKind, Planted, Variant } from '../attack';
import { transfer } from '../probe';
import { named, type Stage } from '../stage';

const GB = 1e9;

interface Leak {
  readonly gigabytes: number;
  readonly seconds: number;
  /** How often, a day apart. */
  readonly times?: number;
  readonly to?: 'outside' | 'private';
  /** Days that the instance has existed. */
  readonly young?: number;
  readonly port?: number;
}

function leak(stage: Stage, { gigabytes, seconds, times = 1, to: where = 'outside', young, port = 443 }: Leak): Planted | undefined {
  const { site, random } = stage;
  const days = Math.ceil(((times - 1) * DAY + seconds) / DAY);
  const host = young === undefined ? stage.host({ days }) : newcomer(stage, young);
  if (host === undefined) return undefined;
  const to = where === 'private' ? `172.${random.integer(20, 30)}.${random.integer(0, 9)}.${random.integer(10, 200)}` : stage.outsider();
  let last = stage.at;
  let n = 0;
  for (let i = 0; i < times; i++) {
    const begin = stage.at + i * DAY + (i === 0 ? 0 : random.between(-1800, 1800));
    if (begin + seconds > site.to) break;
    n += transfer(stage, host.address, to, port, gigabytes * GB, begin, seconds);
    last = begin + seconds;
  }
  return { actors: [...named(host), to], n, from: stage.at, to: last };
}

/** An instance of a role that is there, since a few days. */
function newcomer(stage: Stage, days: number) {
  const { site, random } = stage;
  const model = stage.hosts.find(({ isPublic, kind }) => !isPublic && kind === 'instance');
  const host = site.add({ role: model?.role ?? 'server', subnet: 3, from: Math.max(site.from, stage.at - days * DAY) });
  const peers = Array.from({ length: 3 }, () => stage.outsider());
  for (let at = host.from + 60; at < site.to - 120; at += HOUR)
    site.connect({
      at,
      from: host.address,
      to: random.pick(peers),
      port: 443,
      seconds: 1,
      sent: { packets: 12, bytes: 9000 },
      received: { packets: 20, bytes: 22_000 },
    });
  return host;
}

const variant = (half: Variant['half'], name: string, what: Leak, more: Partial<Variant> = {}): Variant => ({
  name,
  half,
  days: Math.ceil((((what.times ?? 1) - 1) * DAY + what.seconds) / DAY),
  ...more,
  plant: (stage) => leak(stage, what),
});

export const exfiltration: AttackKind = {
  kind: 'exfiltration',
  side: 'let-out',
  prompt: false,
  variants: [
    variant('tuning', '40 GB in an hour', { gigabytes: 40, seconds: HOUR }),
    variant('tuning', '40 GB in a day', { gigabytes: 40, seconds: 24 * HOUR }),
    variant('tuning', '30 GB from an instance of two days', { gigabytes: 30, seconds: HOUR, young: 2 }),
    variant('tuning', '30 GB to a private network of others', { gigabytes: 30, seconds: 2 * HOUR, to: 'private', port: 22 }),
    variant('reporting', '12 GB in half an hour', { gigabytes: 12, seconds: HOUR / 2 }),
    variant('reporting', '25 GB in 30 hours', { gigabytes: 25, seconds: 30 * HOUR }),
    variant('reporting', '15 GB on four nights', { gigabytes: 15, seconds: HOUR, times: 4 }),
    variant('reporting', '20 GB from an instance of a day', { gigabytes: 20, seconds: HOUR, young: 1 }),
    variant('reporting', '50 GB in the second day of the logs', { gigabytes: 50, seconds: HOUR }, { early: true }),
    variant('reporting', '18 GB to a private network of others', { gigabytes: 18, seconds: HOUR, to: 'private', port: 5432 }),
  ],
};
