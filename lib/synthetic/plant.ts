import type { Random } from './random';
import { type Flow, type Network, publicAddress } from './traffic';

/** Incidents that can be planted, by the detection that must find them. */
export const PLANTS = ['vertical-scan', 'horizontal-scan', 'rejection-spike', 'accepted-after-rejected', 'unusual-egress'] as const;
export type PlantKind = (typeof PLANTS)[number];

/** What was planted: the ground truth. */
export interface Incident {
  readonly detection: PlantKind;
  /** Address or interface that a finding must name. */
  readonly actor: string;
  /** Unix seconds, half-open. */
  readonly from: number;
  readonly to: number;
  readonly about: string;
}

export interface Planted {
  readonly incident: Incident;
  readonly flows: readonly Flow[];
}

const MINUTES = 60;

/** Plants an incident that starts at `from` and is over within an hour. */
export function plant(kind: PlantKind, network: Network, random: Random, from: number): Planted {
  const attacker = publicAddress(random);
  const victim = random.pick(network.hosts);
  const flow = (host: Flow['host'], second: number, rest: Partial<Flow>): Flow => ({
    host,
    src: attacker,
    dst: host.address,
    srcPort: random.integer(1024, 65535),
    dstPort: 22,
    protocol: 6,
    packets: 1,
    bytes: 44,
    start: from + second,
    end: from + second + 5,
    action: 'REJECT',
    ingress: true,
    status: 'OK',
    ...rest,
  });
  const spread = (n: number, minutes: number, make: (i: number, second: number) => Flow) =>
    Array.from({ length: n }, (_, i) => make(i, Math.floor((i / n) * minutes * MINUTES)));
  switch (kind) {
    case 'vertical-scan': {
      const flows = spread(200, 10, (i, second) => flow(victim, second, { dstPort: 1 + i * 5 }));
      return { flows, incident: incident(kind, attacker, from, 10, `${attacker} tries 200 ports of ${victim.address}`) };
    }
    case 'horizontal-scan': {
      const flows = spread(network.hosts.length, 15, (i, second) => flow(network.hosts[i] ?? victim, second, { dstPort: 2222 }));
      return { flows, incident: incident(kind, attacker, from, 15, `${attacker} tries port 2222 of ${network.hosts.length} hosts`) };
    }
    case 'rejection-spike': {
      const flows = spread(3000, 50, (_, second) => flow(victim, second, { src: publicAddress(random), dstPort: 8081 }));
      return { flows, incident: incident(kind, victim.interfaceId, from, 50, `3000 refused connections to ${victim.interfaceId}`) };
    }
    case 'accepted-after-rejected': {
      const refused = spread(60, 10, (_, second) => flow(victim, second, {}));
      const accepted = flow(victim, 12 * MINUTES, { action: 'ACCEPT', packets: 40, bytes: 6000 });
      return {
        flows: [...refused, accepted],
        incident: incident(kind, attacker, from, 13, `${attacker} gets into ${victim.address}:22 after 60 refusals`),
      };
    }
    case 'unusual-egress': {
      const flows = spread(50, 40, (_, second) =>
        flow(victim, second, {
          src: victim.address,
          dst: attacker,
          dstPort: 443,
          packets: 300_000,
          bytes: 400_000_000,
          action: 'ACCEPT',
          ingress: false,
        }),
      );
      return { flows, incident: incident(kind, victim.interfaceId, from, 40, `${victim.interfaceId} sends 20 GB to ${attacker}`) };
    }
  }
}

const incident = (detection: PlantKind, actor: string, from: number, minutes: number, about: string): Incident => ({
  detection,
  actor,
  from,
  to: from + minutes * MINUTES,
  about,
});
