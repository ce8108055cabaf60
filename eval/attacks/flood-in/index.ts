import { hostingAddress } from '../../world/addresses';
import type { AttackKind, Planted } from '../attack';
import { NONE } from '../probe';
import { named, type Stage } from '../stage';

/** Answers of amplifiers to a question that somebody asked in our name. */
function amplified(stage: Stage, amplifiers: number, fromPort: number, packets: number, seconds: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  const port = stage.random.natPort();
  for (let i = 0; i < amplifiers; i++)
    stage.attempt({
      at: stage.at + stage.random.between(0, 30),
      from: hostingAddress(stage.random),
      to: host.address,
      port,
      fromPort,
      protocol: 17,
      seconds,
      sent: { packets, bytes: packets * 468 },
      received: NONE,
    });
  return { actors: named(host), n: amplifiers * packets, from: stage.at, to: stage.at + seconds + 30 };
}

/** At an open port, from invented sources; the answers go nowhere. */
function syn(stage: Stage, port: number, sources: number, seconds: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  stage.site.open(host, port);
  for (const at of stage.times(sources, seconds))
    stage.attempt({
      at,
      from: hostingAddress(stage.random),
      to: host.address,
      port,
      fromPort: stage.random.natPort(),
      seconds: 7,
      sent: { packets: 1, bytes: 44 },
      received: { packets: 3, bytes: 132 },
      ending: 'open',
    });
  return { actors: named(host), n: sources, from: stage.at, to: stage.at + seconds + 7 };
}

export const floodIn: AttackKind = {
  kind: 'flood-in',
  side: 'let-out',
  prompt: true,
  variants: [
    { name: '800 amplifiers for ten minutes', half: 'tuning', plant: (stage) => amplified(stage, 800, 123, 4000, 600) },
    { name: 'SYN from 5000 sources in ten minutes', half: 'reporting', plant: (stage) => syn(stage, 443, 5000, 600) },
    { name: '300 amplifiers for four minutes', half: 'reporting', plant: (stage) => amplified(stage, 300, 53, 20_000, 240) },
  ],
};
