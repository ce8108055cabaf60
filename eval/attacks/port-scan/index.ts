import type { AttackKind, Planted } from '../attack';
import { probe } from '../probe';
import { named, type Stage } from '../stage';

/** nmap's most frequent ports first, then the rest in order of number. */
const FREQUENT = [
  80, 23, 443, 21, 22, 25, 3389, 110, 445, 139, 143, 53, 135, 3306, 8080, 1723, 111, 995, 993, 5900, 1025, 587, 8888, 199, 1720, 465, 548,
  113, 81, 6001, 10000, 514, 5060, 179, 1026, 2000, 8443, 8000, 32768, 554, 26, 1433, 49152, 2001, 515, 8008, 49154, 1027, 5666, 646,
];
export const portsToScan = (n: number) => [...FREQUENT, ...Array.from({ length: n }, (_, i) => 1030 + i * 7)].slice(0, n);

function scan(stage: Stage, n: number, seconds: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  const from = stage.outsider();
  const ports = portsToScan(n);
  let last = stage.at;
  let i = 0;
  const fromPort = stage.random.natPort();
  for (const at of stage.times(n, seconds)) probe(stage, (last = at), from, host.address, ports[i++] ?? 0, { fromPort });
  return { actors: [from, ...named(host)], need: [from], n, from: stage.at, to: last };
}

export const portScan: AttackKind = {
  kind: 'port-scan',
  side: 'refused',
  prompt: true,
  variants: [
    { name: '1000 ports in a minute', half: 'tuning', plant: (stage) => scan(stage, 1000, 60) },
    { name: '39 ports in five minutes', half: 'tuning', plant: (stage) => scan(stage, 39, 300) },
    { name: '100 ports in half an hour', half: 'tuning', plant: (stage) => scan(stage, 100, 1800) },
    { name: '4000 ports in ten minutes', half: 'reporting', plant: (stage) => scan(stage, 4000, 600) },
    { name: '60 ports in two minutes', half: 'reporting', plant: (stage) => scan(stage, 60, 120) },
    { name: '30 ports in ten seconds', half: 'reporting', plant: (stage) => scan(stage, 30, 10) },
    { name: '200 ports in an hour', half: 'reporting', plant: (stage) => scan(stage, 200, 3600) },
  ],
};
