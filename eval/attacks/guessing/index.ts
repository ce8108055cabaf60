import { hostingAddress } from '../../world/addresses';
import type { AttackKind, Planted } from '../attack';
import { guess } from '../probe';
import { named, type Stage } from '../stage';

/** From outside at a door that is open to the world. */
function outside(stage: Stage, port: number, sources: number, n: number, seconds: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  stage.site.open(host, port);
  const from = Array.from({ length: sources }, () => hostingAddress(stage.random));
  let last = stage.at;
  for (const at of stage.times(n, seconds)) guess(stage, (last = at), stage.random.pick(from), host.address, port);
  return { actors: [...named(host), ...from], ...(sources === 1 ? { need: from } : { need: [host.address] }), n, from: stage.at, to: last };
}

/** By a host of ours, at a server of others or of ours. */
function fromUs(stage: Stage, port: number, where: 'outside' | 'inside', n: number, seconds: number): Planted | undefined {
  const host = stage.host();
  const victim = where === 'inside' ? stage.host() : undefined;
  if (host === undefined || (where === 'inside' && victim === undefined)) return undefined;
  if (victim !== undefined) stage.site.open(victim, port, 'inside');
  const to = victim?.address ?? stage.outsider();
  let last = stage.at;
  for (const at of stage.times(n, seconds)) guess(stage, (last = at), host.address, to, port);
  return { actors: [...named(host), to], need: [to], n, from: stage.at, to: last };
}

export const guessing: AttackKind = {
  kind: 'guessing',
  side: 'let-out',
  prompt: true,
  variants: [
    { name: '900 on 22 in an hour', half: 'tuning', plant: (stage) => outside(stage, 22, 1, 900, 3600) },
    {
      name: '300 on 3389 of a server outside in half an hour',
      half: 'tuning',
      plant: (stage) => fromUs(stage, 3389, 'outside', 300, 1800),
    },
    { name: '240 on 22 in an hour', half: 'reporting', plant: (stage) => outside(stage, 22, 1, 240, 3600) },
    { name: '1500 on 3389 in three hours', half: 'reporting', plant: (stage) => outside(stage, 3389, 1, 1500, 10_800) },
    { name: '800 on 22 from 40 sources in an hour', half: 'reporting', plant: (stage) => outside(stage, 22, 40, 800, 3600) },
    { name: '500 on 22 of a server outside in half an hour', half: 'reporting', plant: (stage) => fromUs(stage, 22, 'outside', 500, 1800) },
    {
      name: '400 on 5900 of a host inside in twenty minutes',
      half: 'reporting',
      plant: (stage) => fromUs(stage, 5900, 'inside', 400, 1200),
    },
  ],
};
