import type { AttackKind, Planted } from '../attack';
import { guess, inVain, session } from '../probe';
import { named, type Stage } from '../stage';

function succeeds(stage: Stage, before: 'refused' | 'wrong', port: number, n: number, seconds: number, pause: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  const from = stage.outsider();
  stage.site.open(host, port);
  let last = stage.at;
  for (const at of stage.times(n, seconds)) {
    last = at;
    if (before === 'wrong') guess(stage, at, from, host.address, port);
    else
      inVain(stage, at, from, host.address, port, {
        outcome: 'refused',
        fromPort: stage.random.natPort(),
        sent: { packets: 1, bytes: 60 },
        seconds: 0,
      });
  }
  const enters = last + pause;
  session(stage, enters, from, host.address, port, { up: 300_000, down: 1_500_000, seconds: 900 }, { fromPort: stage.random.natPort() });
  return { actors: [from, ...named(host)], need: [from], n, from: stage.at, to: enters + 900 };
}

export const guessSucceeds: AttackKind = {
  kind: 'guess-succeeds',
  side: 'let-out',
  prompt: true,
  variants: [
    { name: '60 refusals and in, within a minute', half: 'tuning', plant: (stage) => succeeds(stage, 'refused', 22, 60, 45, 2) },
    {
      name: '40 refusals in ten minutes, in after five',
      half: 'reporting',
      plant: (stage) => succeeds(stage, 'refused', 3389, 40, 600, 300),
    },
    { name: '250 wrong in half an hour, and in', half: 'reporting', plant: (stage) => succeeds(stage, 'wrong', 22, 250, 1800, 3) },
  ],
};
