/** Flow logs in which a few hosts do what detections look for: default format, documentation accounts. */
import { HEADER } from './logs';

export const DAY = 86400;
/** A Monday, 00:00 UTC. */
export const BEGIN = Date.UTC(2026, 10, 2) / 1000;

interface Flow {
  readonly eni: string;
  readonly src: string;
  readonly dst: string;
  readonly srcport: number;
  readonly dstport: number;
  readonly packets?: number;
  readonly bytes?: number;
  readonly protocol?: number;
  readonly action?: 'ACCEPT' | 'REJECT';
  readonly at: number;
}

const one = ({ eni, src, dst, srcport, dstport, packets = 1, bytes = 40 * packets, protocol = 6, action = 'ACCEPT', at }: Flow): string =>
  `2 123456789012 ${eni} ${src} ${dst} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${at} ${at + 59} ${action} OK`;

/** Request and answer. */
const both = (flow: Flow, answer: { packets: number; bytes: number }): string[] => [
  one(flow),
  one({ ...flow, src: flow.dst, dst: flow.src, srcport: flow.dstport, dstport: flow.srcport, ...answer }),
];

const times = (n: number) => Array.from({ length: n }, (_, i) => i);

/** A host that asks its database every half hour, and a web page of the internet every hour, for days: the past of all others. */
export const ordinary = (days: number): string[] =>
  times(days * 48).flatMap((i) => [
    ...both(
      {
        eni: 'eni-app1',
        src: '10.0.1.5',
        dst: '10.0.1.9',
        srcport: 40000 + (i % 20000),
        dstport: 5432,
        packets: 20,
        bytes: 9000,
        at: BEGIN + i * 1800,
      },
      { packets: 30, bytes: 90000 },
    ),
    ...(i % 2 === 0
      ? both(
          {
            eni: 'eni-app1',
            src: '10.0.1.5',
            dst: `151.101.${i % 200}.${(i * 7) % 250}`,
            srcport: 41000 + i,
            dstport: 443,
            packets: 12,
            bytes: 4000 + ((i * 37) % 999),
            at: BEGIN + i * 1800 + ((i * 331) % 900),
          },
          { packets: 20, bytes: 60000 },
        )
      : []),
  ]);

/** `ports` of one host within half a minute, refused but for the first `open`, which answer and then hear a few packets. */
export const scan = ({ src, dst, ports, open = 0, at }: { src: string; dst: string; ports: number; open?: number; at: number }): string[] =>
  times(ports).flatMap((i) => {
    const flow = { eni: 'eni-web1', src, dst, srcport: 50000 + i, dstport: 20 + i, at: at + Math.floor(i / 4) };
    return i < open ? both({ ...flow, packets: 3, bytes: 132 }, { packets: 2, bytes: 104 }) : [one({ ...flow, action: 'REJECT' })];
  });

/** A short session every `gap` seconds. */
export const sessions = (
  flow: { eni: string; src: string; dst: string; dstport: number; at: number },
  n: number,
  gap: number,
  bytes = 1800,
): string[] =>
  times(n).flatMap((i) =>
    both({ ...flow, srcport: 30000 + (i % 30000), packets: 12, bytes, at: flow.at + i * gap }, { packets: 12, bytes: 2400 }),
  );

/** Bytes that go one way, a record a minute. */
export const transfer = (
  flow: { eni: string; src: string; dst: string; dstport: number; at: number },
  minutes: number,
  bytesAMinute: number,
): string[] =>
  times(minutes).flatMap((i) =>
    both(
      { ...flow, srcport: 45001, packets: Math.ceil(bytesAMinute / 1400), bytes: bytesAMinute, at: flow.at + i * 60 },
      { packets: 1000, bytes: 52000 },
    ),
  );

/** Many hosts, one connection each. */
export const many = (n: number, flow: (i: number) => Flow, answered: boolean): string[] =>
  times(n).flatMap((i) => (answered ? both({ packets: 10, bytes: 3000, ...flow(i) }, { packets: 9, bytes: 900 }) : [one(flow(i))]));

export const textOf = (lines: readonly string[]): string => `${[HEADER, ...lines].join('\n')}\n`;
