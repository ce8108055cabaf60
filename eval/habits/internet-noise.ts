import { consumerAddress, hostingAddress, many, neighbours } from '../world/addresses';
import { HOUR } from '../world/clock';
import type { Exchange, Host, Site } from '../world/site';
import { arrivals, attempts, NONE, rawSyn } from './exchange';

const BOT_PORTS = [23, 23, 23, 23, 2323, 5555, 37215, 60023, 80, 8080, 8080, 81, 5358, 26];
const SERVICE_PORTS = [
  22, 80, 443, 3389, 8080, 8443, 21, 25, 110, 143, 993, 1433, 3306, 5432, 5900, 6379, 27017, 9200, 11211, 2375, 8888, 10250,
];
const UDP_PROBES = [
  { port: 123, bytes: 76 },
  { port: 161, bytes: 87 },
  { port: 1900, bytes: 122 },
  { port: 389, bytes: 80 },
  { port: 53, bytes: 65 },
  { port: 11211, bytes: 43 },
  { port: 5060, bytes: 430 },
  { port: 137, bytes: 78 },
];

/** A source with its habit: what it sends to a host of ours. */
type Scanner = (to: Host, at: number) => void;

/**
 * What reaches every public address without being asked for: search engines of the net (each address one packet to one of very many
 * ports), bots that look for telnet and the like (each consumer address once), guessers, probes for amplifiers, echoes, and now and then
 * a source that knocks at one door for an hour. No source reaches 12 ports or 40 refusals of a host a day: more than that is an
 * attack of ours (eval/attacks).
 * Rates and their spread follow the honeypot sample (samples/aws-honeypot-marx): median 4 packets an hour and host, a hundredth of the hours
 * above 20.
 */
export function internetNoise(site: Site, hosts: readonly Host[], perHostHour = 4): void {
  const { random } = site;
  const send = (exchange: Pick<Exchange, 'at' | 'from' | 'to' | 'port'> & Partial<Exchange>) =>
    site.attempt({ ...rawSyn(), fromPort: random.natPort(), ...exchange });
  const searchers = many(30, () => neighbours(random, random.integer(6, 24))).flat();
  const makers: { readonly weight: number; readonly make: () => Scanner }[] = [
    {
      weight: 36,
      make: () => {
        const from = random.pick(searchers);
        const port = random.chance(0.5) ? random.pick(SERVICE_PORTS) : random.integer(1, 49151);
        return ({ address: to }, at) => send({ at, from, to, port, ...answering(site, to, port, 3, 200, 900) });
      },
    },
    {
      weight: 30,
      make: () => {
        const [from, port] = [consumerAddress(random), random.pick(BOT_PORTS)];
        return ({ address: to }, at) =>
          send({ at, from, to, port, ...attempts(random.integer(1, 2)), ...answering(site, to, port, 4, 220, 400) });
      },
    },
    {
      weight: 12,
      make: () => {
        const [from, port] = [hostingAddress(random), random.pick([22, 22, 22, 3389, 445, 1433, 5900])];
        return ({ address: to }, at) => {
          for (let n = random.integer(1, 4); n > 0; n--)
            send({
              at: at + random.between(0, 600),
              from,
              to,
              port,
              ...attempts(random.integer(1, 3)),
              ...answering(site, to, port, 12, 2400, 3000),
            });
        };
      },
    },
    {
      weight: 12,
      make: () => {
        const from = hostingAddress(random);
        const { port, bytes } = random.pick(UDP_PROBES);
        return ({ address: to }, at) =>
          send({ at, from, to, port, protocol: 17, sent: { packets: 1, bytes }, ...(port === 5060 ? { fromPort: 5060 } : {}) });
      },
    },
    {
      weight: 5,
      make: () => {
        const from = hostingAddress(random);
        return ({ address: to }, at) => send({ at, from, to, port: 0, protocol: 1, sent: { packets: random.integer(1, 4), bytes: 84 } });
      },
    },
    {
      // Answers to a flood that somebody sends in our name.
      weight: 5,
      make: () => {
        const from = hostingAddress(random);
        return ({ address: to }, at) =>
          send({ at, from, to, port: random.natPort(), fromPort: random.pick([80, 443, 22, 6667]), outcome: 'refused' });
      },
    },
  ];
  const total = makers.reduce((sum, { weight }) => sum + weight, 0);
  const draw = (): Scanner => {
    let at = random.next() * total;
    return (makers.find(({ weight }) => (at -= weight) < 0) ?? makers[0]!).make(); // eslint-disable-line @typescript-eslint/no-non-null-assertion
  };
  const packetsOf = 1.7;
  const share = 0.35;
  // A scanner that goes through all of the net meets some of our hosts, in an order of its own.
  const visits = Math.max(1, hosts.length * share);
  let mood = 1;
  let until = site.from;
  for (const at of arrivals(site, () => {
    mood = 0.35 + random.logNormal(0.6, 0.55);
    return (perHostHour * hosts.length * mood) / visits / packetsOf;
  })) {
    const scanner = draw();
    const chosen =
      hosts.length === 1 ? hosts : random.sample(hosts, Math.max(1, Math.min(hosts.length, Math.round(random.exponential(visits)))));
    const duration = random.between(HOUR / 2, 8 * HOUR);
    for (const host of chosen) {
      const when = at + random.between(0, duration);
      if (when >= host.from && when < host.to) scanner(host, when);
    }
    // Every second day or so a source stays at one door.
    if (at > until && random.chance(0.02)) {
      until = at + 30 * HOUR;
      const [host, from, port] = [random.pick(hosts), hostingAddress(random), random.pick(SERVICE_PORTS)];
      for (let n = random.integer(10, 30); n > 0; n--)
        send({
          at: at + random.between(0, HOUR),
          from,
          to: host.address,
          port,
          ...attempts(1),
          ...answering(site, host.address, port, 8, 900, 1500),
        });
    }
  }
}

/** Where someone listens, a probe is a short exchange. */
function answering(site: Site, to: string, port: number, packets: number, up: number, down: number): Partial<Exchange> {
  if (!site.isListening(to, port)) return { received: NONE };
  const [sent, received] = [packets + 2, packets + 1];
  return {
    seconds: site.random.between(0.2, 4),
    sent: { packets: sent, bytes: up + sent * 52 },
    received: { packets: received, bytes: down + received * 52 },
  };
}
