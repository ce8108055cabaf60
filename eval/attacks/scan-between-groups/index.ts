import type { AttackKind, Planted } from '../attack';
import { portsToScan } from '../port-scan';
import { inVain, probe } from '../probe';
import { named, type Stage } from '../stage';

function vertical(stage: Stage, n: number, seconds: number): Planted | undefined {
  const [attacker, victim] = [stage.host(), stage.host()];
  if (attacker === undefined || victim === undefined) return undefined;
  const ports = portsToScan(n);
  let last = stage.at;
  let i = 0;
  for (const at of stage.times(n, seconds)) probe(stage, (last = at), attacker.address, victim.address, ports[i++] ?? 0);
  return { actors: named(attacker, victim), need: [attacker.address], n, from: stage.at, to: last };
}

/** All addresses of the hosts' subnets, of which most have no host. */
function horizontal(stage: Stage, port: number, share: number, seconds: number): Planted | undefined {
  const attacker = stage.host();
  if (attacker === undefined) return undefined;
  const victims = stage.hosts.filter((host) => host !== attacker && stage.random.chance(share));
  let last = stage.at;
  let i = 0;
  for (const at of stage.times(victims.length, seconds)) inVain(stage, (last = at), attacker.address, victims[i++]?.address ?? '', port);
  return { actors: named(attacker, ...victims), need: [attacker.address], n: victims.length, from: stage.at, to: last };
}

export const scanBetweenGroups: AttackKind = {
  kind: 'scan-between-groups',
  side: 'refused',
  prompt: true,
  variants: [
    { name: '100 ports of one host in a minute', half: 'tuning', plant: (stage) => vertical(stage, 100, 60) },
    { name: 'port 445 of all hosts in two minutes', half: 'tuning', plant: (stage) => horizontal(stage, 445, 1, 120) },
    { name: '40 ports of one host in ten minutes', half: 'reporting', plant: (stage) => vertical(stage, 40, 600) },
    { name: '1000 ports of one host in half a minute', half: 'reporting', plant: (stage) => vertical(stage, 1000, 30) },
    { name: 'port 3389 of all hosts in five minutes', half: 'reporting', plant: (stage) => horizontal(stage, 3389, 1, 300) },
    { name: 'port 5985 of most hosts in ten minutes', half: 'reporting', plant: (stage) => horizontal(stage, 5985, 0.8, 600) },
  ],
};
