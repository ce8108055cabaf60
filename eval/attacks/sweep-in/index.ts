import type { AttackKind, Planted } from '../attack';
import { probe } from '../probe';
import { named, type Stage } from '../stage';

/** All public hosts within minutes, each port several times: somebody looks at this network, not at the internet. */
function sweep(stage: Stage, ports: readonly number[], seconds: number, rounds: number): Planted | undefined {
  const victims = stage.hosts.filter(({ isPublic }) => isPublic);
  if (victims.length < 6) return undefined;
  const from = stage.outsider();
  const targets = Array.from({ length: rounds }, () => victims.flatMap((victim) => ports.map((port) => ({ victim, port })))).flat();
  let last = stage.at;
  let i = 0;
  for (const at of stage.times(targets.length, seconds)) {
    const target = targets[i++];
    if (target !== undefined) probe(stage, (last = at), from, target.victim.address, target.port);
  }
  return { actors: [from, ...named(...victims)], need: [from], n: targets.length, from: stage.at, to: last };
}

export const sweepIn: AttackKind = {
  kind: 'sweep-in',
  side: 'refused',
  prompt: true,
  variants: [
    { name: 'one port, twice, in three minutes', half: 'tuning', plant: (stage) => sweep(stage, [3389], 180, 2) },
    { name: 'four ports in ten minutes', half: 'tuning', plant: (stage) => sweep(stage, [445, 139, 3389, 5985], 600, 1) },
    { name: 'one port, thrice, in a minute', half: 'reporting', plant: (stage) => sweep(stage, [6379], 60, 3) },
    { name: 'three ports in five minutes', half: 'reporting', plant: (stage) => sweep(stage, [22, 2222, 3306], 300, 1) },
  ],
};
