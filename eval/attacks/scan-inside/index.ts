import type { AttackKind, Planted } from '../attack';
import { portsToScan } from '../port-scan';
import { inVain, probe } from '../probe';
import { named, type Stage } from '../stage';

function vertical(stage: Stage, hosts: number, ports: number, seconds: number): Planted | undefined {
  const attacker = stage.host();
  if (attacker === undefined) return undefined;
  const victims = stage.random.sample(
    stage.hosts.filter((host) => host !== attacker),
    hosts,
  );
  const targets = victims.flatMap((victim) => portsToScan(ports).map((port) => ({ to: victim.address, port })));
  let last = stage.at;
  let i = 0;
  for (const at of stage.times(targets.length, seconds)) {
    const target = targets[i++];
    if (target !== undefined) probe(stage, (last = at), attacker.address, target.to, target.port);
  }
  return { actors: named(attacker, ...victims), need: [attacker.address], n: targets.length, from: stage.at, to: last };
}

/** Every address of some subnets: where no host is, nothing answers and no other interface has a record. */
function horizontal(stage: Stage, port: number, addresses: number, seconds: number): Planted | undefined {
  const attacker = stage.host();
  if (attacker === undefined) return undefined;
  const { network } = stage.site.options;
  const there = stage.hosts.filter((host) => host !== attacker);
  const targets = [
    ...there.map(({ address }) => address),
    ...Array.from(
      { length: Math.max(0, addresses - there.length) },
      (_, i) => `10.${network}.${1 + Math.floor(i / 200)}.${(i % 200) + 50}`,
    ),
  ].slice(0, addresses);
  let last = stage.at;
  let i = 0;
  const ordered = stage.random.sample(targets, targets.length);
  for (const at of stage.times(targets.length, seconds)) {
    const to = ordered[i++] ?? '';
    last = at;
    if (there.some(({ address }) => address === to)) probe(stage, at, attacker.address, to, port);
    else inVain(stage, at, attacker.address, to, port);
  }
  return { actors: named(attacker, ...there), need: [attacker.address], n: targets.length, from: stage.at, to: last };
}

export const scanInside: AttackKind = {
  kind: 'scan-inside',
  side: 'let-out',
  prompt: true,
  variants: [
    { name: '200 ports of a host in a minute', half: 'tuning', plant: (stage) => vertical(stage, 1, 200, 60) },
    { name: 'port 445 of 250 addresses in two minutes', half: 'tuning', plant: (stage) => horizontal(stage, 445, 250, 120) },
    { name: '50 ports of five hosts in five minutes', half: 'reporting', plant: (stage) => vertical(stage, 5, 50, 300) },
    { name: '30 ports of a host in fifteen minutes', half: 'reporting', plant: (stage) => vertical(stage, 1, 30, 900) },
    { name: 'port 22 of the hosts that are there, in a minute', half: 'reporting', plant: (stage) => horizontal(stage, 22, 12, 60) },
    { name: 'port 3389 of 500 addresses in ten minutes', half: 'reporting', plant: (stage) => horizontal(stage, 3389, 500, 600) },
  ],
};
