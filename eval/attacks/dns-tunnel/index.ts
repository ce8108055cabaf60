import { HOUR } from '../../world/clock';
import type { AttackKind, Planted } from '../attack';
import { named, type Stage } from '../stage';

/** `sockets`: of the whole tunnel one, or one for every few questions. */
function tunnel(stage: Stage, megabytes: number, seconds: number, sockets: number): Planted | undefined {
  const host = stage.host();
  if (host === undefined) return undefined;
  const to = stage.outsider();
  const letOut = stage.site.letsOut(host, 53, to, 17);
  // Without an answer the client asks every two seconds.
  const packets = letOut ? Math.round((megabytes * 1e6) / 240 / sockets) : Math.max(1, Math.round(seconds / 2 / sockets));
  for (let i = 0; i < sockets; i++) {
    const length = sockets === 1 ? seconds : seconds / sockets;
    stage.attempt({
      at: stage.at + (i * seconds) / sockets,
      seconds: Math.max(0, length - 0.5),
      from: host.address,
      to,
      port: 53,
      protocol: 17,
      sent: { packets, bytes: packets * 240 },
      received: { packets, bytes: packets * 170 },
    });
  }
  return { actors: [...named(host), to], need: [to], n: sockets * packets, from: stage.at, to: stage.at + seconds };
}

export const dnsTunnel: AttackKind = {
  kind: 'dns-tunnel',
  side: 'let-out',
  prompt: false,
  variants: [
    { name: '200 MB over one socket in an hour', half: 'tuning', plant: (stage) => tunnel(stage, 200, HOUR, 1) },
    { name: '40 MB over 2000 sockets in two hours', half: 'reporting', plant: (stage) => tunnel(stage, 40, 2 * HOUR, 2000) },
    { name: '25 MB over one socket in three hours', half: 'reporting', plant: (stage) => tunnel(stage, 25, 3 * HOUR, 1) },
  ],
};
