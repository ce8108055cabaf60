import type { AttackKind, Planted } from '../attack';
import { session } from '../probe';
import { named, type Stage } from '../stage';

/** From host to host with a stolen credential, over a port that no host of the role uses. */
function move(stage: Stage, port: number, hosts: number, minutes: number): Planted | undefined {
  const attacker = stage.host();
  if (attacker === undefined) return undefined;
  const victims = stage.random.sample(
    stage.hosts.filter((host) => host !== attacker),
    hosts,
  );
  victims.forEach((victim, i) => {
    stage.site.open(victim, port, 'inside');
    const size = { up: 2_500_000, down: 700_000, seconds: minutes * 60 };
    const at = stage.at + i * 240;
    const outcome = session(stage, at, attacker.address, victim.address, port, size);
    // Who is not let out tries again.
    if (outcome === 'blocked')
      for (let again = 1; again <= 8; again++) session(stage, at + again * 25, attacker.address, victim.address, port, size);
  });
  return {
    actors: named(attacker, ...victims),
    need: [attacker.address],
    n: victims.length,
    from: stage.at,
    to: stage.at + victims.length * 240 + minutes * 60,
  };
}

export const lateral: AttackKind = {
  kind: 'lateral',
  side: 'let-out',
  prompt: false,
  variants: [
    { name: '3389 to four hosts', half: 'tuning', plant: (stage) => move(stage, 3389, 4, 12) },
    { name: '5985 to three hosts', half: 'reporting', plant: (stage) => move(stage, 5985, 3, 2) },
    { name: '445 to six hosts', half: 'reporting', plant: (stage) => move(stage, 445, 6, 4) },
  ],
};
