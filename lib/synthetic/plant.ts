import type { Random } from './random';
import { type Flow, type Host, type Network, publicAddress } from './traffic';

/** Incidents that can be planted, by the detection that must find them. */
export const PLANTS = [
  'logging-gap',
  'vertical-scan',
  'horizontal-scan',
  'rejection-spike',
  'accepted-after-rejected',
  'unusual-egress',
  'unusual-ingress',
  'blocked-outbound-spike',
  'dns-bypass',
  'admin-port-open',
  'unexpected-protocol',
] as const;
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
  /** Keys of all findings that it must lead to. */
  readonly findings: readonly string[];
}

export interface Planted {
  readonly incident: Incident;
  readonly flows: readonly Flow[];
  /** An interface without any record in the incident's time. */
  readonly silent?: string;
}

const MINUTES = 60;

/** Plants an incident of one host that starts at `from`, a whole hour, and is over within an hour; a silence lasts three. */
export function plant(kind: PlantKind, network: Network, victim: Host, random: Random, from: number): Planted {
  const attacker = publicAddress(random);
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
  const told = (minutes: number, actor: string, about: string, findings: readonly string[]): Incident => ({
    detection: kind,
    actor,
    from,
    to: from + minutes * MINUTES,
    about,
    findings,
  });
  const own = (rest: Partial<Flow>): Partial<Flow> => ({ src: victim.address, dst: attacker, action: 'ACCEPT', ingress: false, ...rest });
  switch (kind) {
    case 'vertical-scan': {
      const flows = spread(600, 10, (i, second) => flow(victim, second, { dstPort: 1 + i * 5 }));
      const key = `${kind}/${attacker}/${victim.address}`;
      return { flows, incident: told(10, attacker, `${attacker} tries 600 ports of ${victim.address}`, [key]) };
    }
    case 'horizontal-scan': {
      const flows = spread(network.hosts.length, 14, (i, second) => flow(network.hosts[i] ?? victim, second, { dstPort: 2222 }));
      const about = `${attacker} tries port 2222 of ${network.hosts.length} hosts`;
      return { flows, incident: told(14, attacker, about, [`${kind}/${attacker}/2222`]) };
    }
    case 'rejection-spike': {
      const flows = spread(3000, 50, (_, second) => flow(victim, second, { src: publicAddress(random), dstPort: 8081 }));
      const about = `3000 refused connections to ${victim.interfaceId}`;
      return { flows, incident: told(50, victim.interfaceId, about, [`${kind}/interface/${victim.interfaceId}`]) };
    }
    case 'accepted-after-rejected': {
      const refused = spread(60, 10, (_, second) => flow(victim, second, {}));
      const accepted = flow(victim, 12 * MINUTES, { action: 'ACCEPT', packets: 40, bytes: 6000 });
      const about = `${attacker} gets into ${victim.address}:22 after 60 refusals`;
      return { flows: [...refused, accepted], incident: told(13, attacker, about, [`${kind}/${attacker}`]) };
    }
    case 'unusual-egress': {
      const flows = spread(50, 40, (_, second) => flow(victim, second, own({ dstPort: 443, packets: 300_000, bytes: 400_000_000 })));
      const about = `${victim.interfaceId} sends 20 GB to ${attacker}`;
      return { flows, incident: told(40, victim.interfaceId, about, [`${kind}/${victim.interfaceId}`]) };
    }
    case 'unusual-ingress': {
      const flows = spread(50, 40, (_, second) =>
        flow(victim, second, { srcPort: 443, dstPort: 50_000, packets: 900_000, bytes: 1_200_000_000, action: 'ACCEPT' }),
      );
      const about = `${victim.interfaceId} receives 60 GB from ${attacker}`;
      return { flows, incident: told(40, victim.interfaceId, about, [`${kind}/${victim.interfaceId}`]) };
    }
    case 'blocked-outbound-spike': {
      const flows = spread(400, 40, (_, second) =>
        flow(victim, second, own({ dst: publicAddress(random), dstPort: 4444, action: 'REJECT' })),
      );
      const about = `${victim.address} is refused 400 times on its way out`;
      const keys = [`${kind}/${victim.interfaceId}`, `horizontal-scan/${victim.address}/4444`];
      return { flows, incident: told(40, victim.address, about, keys) };
    }
    case 'dns-bypass': {
      const flows = spread(20, 40, (_, second) =>
        flow(victim, second, own({ dst: '8.8.8.8', dstPort: 53, protocol: 17, packets: 2, bytes: 180 })),
      );
      return { flows, incident: told(40, victim.address, `${victim.address} queries 8.8.8.8`, [`${kind}/${victim.address}`]) };
    }
    case 'admin-port-open': {
      const flows = spread(6, 40, (_, second) =>
        flow(victim, second, { src: publicAddress(random), action: 'ACCEPT', packets: 20, bytes: 3000 }),
      );
      return {
        flows,
        incident: told(40, victim.address, `${victim.address}:22 lets six public addresses in`, [`${kind}/${victim.address}/22`]),
      };
    }
    case 'unexpected-protocol': {
      const flows = spread(5, 40, (_, second) =>
        flow(victim, second, own({ srcPort: 0, dstPort: 0, protocol: 47, packets: 10, bytes: 900 })),
      );
      return {
        flows,
        incident: told(40, victim.interfaceId, `${victim.interfaceId} has a GRE tunnel`, [`${kind}/${victim.interfaceId}/47`]),
      };
    }
    case 'logging-gap': {
      const minutes = 180;
      const about = `${victim.interfaceId} writes no record for three hours`;
      return {
        flows: [],
        silent: victim.interfaceId,
        incident: told(minutes, victim.interfaceId, about, [`${kind}/${victim.interfaceId}/silent`]),
      };
    }
  }
}
