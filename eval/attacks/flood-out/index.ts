import type { AttackKind, Planted } from '../attack';
import { NONE } from '../probe';
import { named, type Stage } from '../stage';

function udp(stage: Stage, port: number, packets: number, size: number, seconds: number, sockets: number): Planted | undefined {
  const host = stage.host();
  if (host === undefined) return undefined;
  const to = stage.outsider();
  for (let i = 0; i < sockets; i++) {
    const share = Math.round(packets / sockets);
    stage.attempt(
      { at: stage.at, from: host.address, to, port, protocol: 17, seconds, sent: { packets: share, bytes: share * size }, received: NONE },
      'unanswered',
    );
  }
  return { actors: [...named(host), to], n: packets, from: stage.at, to: stage.at + seconds };
}

/** Every SYN from another port: a record each. */
function syn(stage: Stage, port: number, n: number, seconds: number): Planted | undefined {
  const host = stage.host();
  if (host === undefined) return undefined;
  const to = stage.outsider();
  for (const at of stage.times(n, seconds))
    stage.attempt(
      { at, from: host.address, to, port, fromPort: stage.random.natPort(), seconds: 0, sent: { packets: 1, bytes: 40 }, received: NONE },
      'unanswered',
    );
  return { actors: [...named(host), to], n, from: stage.at, to: stage.at + seconds };
}

export const floodOut: AttackKind = {
  kind: 'flood-out',
  side: 'let-out',
  prompt: true,
  variants: [
    { name: 'UDP, 3 million packets in ten minutes', half: 'tuning', plant: (stage) => udp(stage, 80, 3e6, 540, 600, 1) },
    { name: 'UDP, 2 million small packets in five minutes', half: 'reporting', plant: (stage) => udp(stage, 53, 2e6, 60, 300, 4) },
    { name: '6000 SYN in ten minutes', half: 'reporting', plant: (stage) => syn(stage, 443, 6000, 600) },
  ],
};
