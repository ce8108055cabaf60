import type { AttackKind, Planted } from '../attack';
import { inVain } from '../probe';
import { named, type Stage } from '../stage';

function hammer(stage: Stage, port: number, n: number, seconds: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  const from = stage.outsider();
  let last = stage.at;
  for (const at of stage.times(n, seconds))
    inVain(stage, (last = at), from, host.address, port, { outcome: 'refused', fromPort: stage.random.natPort() });
  return { actors: [from, ...named(host)], need: [from], n, from: stage.at, to: last };
}

export const hammering: AttackKind = {
  kind: 'hammering',
  side: 'refused',
  prompt: false,
  variants: [
    { name: '300 in twenty minutes', half: 'tuning', plant: (stage) => hammer(stage, 3389, 300, 1200) },
    { name: '150 in six hours', half: 'tuning', plant: (stage) => hammer(stage, 22, 150, 21_600) },
    { name: '900 in an hour', half: 'reporting', plant: (stage) => hammer(stage, 22, 900, 3600) },
    { name: '120 in twenty minutes', half: 'reporting', plant: (stage) => hammer(stage, 5060, 120, 1200) },
    { name: '2000 in two hours', half: 'reporting', plant: (stage) => hammer(stage, 1433, 2000, 7200) },
  ],
};
