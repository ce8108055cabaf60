import { DAY, HOUR } from '../../world/clock';
import type { AttackKind, Planted } from '../attack';
import { portsToScan } from '../port-scan';
import { probe } from '../probe';
import { named, type Stage } from '../stage';

function scan(stage: Stage, n: number, seconds: number, inside: boolean): Planted | undefined {
  const days = Math.ceil(seconds / DAY);
  const host = stage.host({ days, ...(inside ? {} : { isPublic: true }) });
  const attacker = inside ? stage.host({ days }) : undefined;
  if (host === undefined || (inside && attacker === undefined)) return undefined;
  const from = attacker?.address ?? stage.outsider();
  const ports = stage.random.sample(portsToScan(n), n);
  let last = stage.at;
  let i = 0;
  for (const at of stage.times(n, seconds))
    probe(stage, (last = at), from, host.address, ports[i++] ?? 0, inside ? {} : { fromPort: stage.random.natPort() });
  return { actors: [from, ...named(host), ...(attacker === undefined ? [] : [attacker.id])], need: [from], n, from: stage.at, to: last };
}

export const slowScan: AttackKind = {
  kind: 'slow-scan',
  side: 'refused',
  prompt: false,
  variants: [
    { name: '80 ports in 20 hours', half: 'tuning', plant: (stage) => scan(stage, 80, 20 * HOUR, false) },
    { name: '60 ports in a day, from inside', half: 'tuning', plant: (stage) => scan(stage, 60, 22 * HOUR, true) },
    { name: '150 ports in 30 hours', half: 'reporting', days: 2, plant: (stage) => scan(stage, 150, 30 * HOUR, false) },
    { name: '48 ports in 12 hours', half: 'reporting', plant: (stage) => scan(stage, 48, 12 * HOUR, false) },
    { name: '100 ports in a day, from inside', half: 'reporting', plant: (stage) => scan(stage, 100, 23 * HOUR, true) },
  ],
};
