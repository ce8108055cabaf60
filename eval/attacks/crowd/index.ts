import { consumerAddress } from '../../world/addresses';
import type { AttackKind, Planted } from '../attack';
import { inVain } from '../probe';
import { named, type Stage } from '../stage';

/** Many sources knock at one door of one host: a botnet's target list, or a service that moved away. */
function crowd(stage: Stage, sources: number, each: number, port: number, seconds: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  const from = Array.from({ length: sources }, () => consumerAddress(stage.random));
  let last = stage.at;
  for (const at of stage.times(sources * each, seconds))
    inVain(stage, (last = at), stage.random.pick(from), host.address, port, { outcome: 'refused', fromPort: stage.random.natPort() });
  return { actors: named(host), n: sources * each, from: stage.at, to: last };
}

export const distributedCrowd: AttackKind = {
  kind: 'crowd',
  side: 'refused',
  prompt: false,
  variants: [
    { name: '400 sources, twice, in half an hour', half: 'tuning', plant: (stage) => crowd(stage, 400, 2, 8081, 1800) },
    { name: '2000 sources in an hour', half: 'reporting', plant: (stage) => crowd(stage, 2000, 1, 6881, 3600) },
    { name: '250 sources, four times, in twenty minutes', half: 'reporting', plant: (stage) => crowd(stage, 250, 4, 23, 1200) },
  ],
};
